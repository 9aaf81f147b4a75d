"""Trains the head of the verifier on dumped features (core/eval/dump-features.ts) and writes head.json.

usage: python train_head.py TRAIN_FEATURES FEATURE_NAMES_JSON OUT [EVAL_FEATURES ...]

Boosted trees under monotone constraints (more covered is never less probable), Platt's calibration on a part that the
trees did not see. EVAL_FEATURES are only reported on.
"""
import json
import sys

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

SEED = 11
UP = {"cosine", "leastCovered", "mostCovered", "sharedTrigrams", "isOneQuestionType"}
# Pairs by intents and by replaced words taught the head what does not carry over: measured, on the dev half.
SOURCES = {"own", "advising"}


def read(file):
    rows = [json.loads(line) for line in open(file)]
    return [row for row in rows if row["f"] is not None]


def curve(score, same, total):
    order = np.argsort(-score)
    hits = np.cumsum(same[order])
    precision, recall = hits / np.arange(1, len(order) + 1), hits / total
    return {r: round(float(precision[np.searchsorted(recall, r)]), 3) for r in (0.05, 0.1, 0.2, 0.3, 0.4) if recall[-1] >= r}


def main():
    train_file, names_file, out, *evaluations = sys.argv[1:]
    names = json.load(open(names_file))
    rows = [row for row in read(train_file) if row["source"] in SOURCES]
    rng = np.random.default_rng(SEED)
    rng.shuffle(rows)
    features = np.array([row["f"] for row in rows])
    same = np.array([row["same"] for row in rows])
    cut = int(0.8 * len(rows))
    monotone = [1 if n in UP else -1 for n in names]
    model = lgb.LGBMClassifier(
        n_estimators=80, num_leaves=8, learning_rate=0.06, min_child_samples=150, reg_lambda=5, monotone_constraints=monotone, random_state=SEED, n_jobs=2,
        deterministic=True, verbose=-1,
    ).fit(features[:cut], same[:cut])
    raw = model.predict(features, raw_score=True)
    platt = LogisticRegression(C=1e6).fit(raw[cut:, None], same[cut:])
    dump = model.booster_.dump_model()
    head = {
        "version": 1,
        "features": names,
        "trees": [flat(tree["tree_structure"]) for tree in dump["tree_info"]],
        "calibration": {"slope": round(float(platt.coef_[0, 0]), 6), "shift": round(float(platt.intercept_[0]), 6)},
    }
    with open(out, "w") as file:
        json.dump(head, file, separators=(",", ":"))
        file.write("\n")
    print("own part:", curve(raw[cut:], same[cut:], same[cut:].sum()))
    importance = sorted(zip(model.booster_.feature_importance("gain"), names), reverse=True)[:8]
    print("heaviest:", [name for _, name in importance])
    for file in evaluations:
        checked = read(file)
        x, y = np.array([r["f"] for r in checked]), np.array([r["same"] for r in checked])
        free = np.array([r["guard"] is None for r in checked])
        score = model.predict(x, raw_score=True)
        print(file, "cosine", curve(x[:, 0], y, y.sum()))
        print(file, "head", curve(score, y, y.sum()))
        print(file, "guard + head", curve(score[free], y[free], y.sum()))


def flat(root):
    tree = {"feature": [], "threshold": [], "left": [], "right": [], "leaf": []}

    def put(node):
        if "leaf_value" in node:
            tree["leaf"].append(round(node["leaf_value"], 6))
            return -len(tree["leaf"])
        at = len(tree["feature"])
        tree["feature"].append(node["split_feature"])
        tree["threshold"].append(node["threshold"])
        tree["left"].append(0)
        tree["right"].append(0)
        tree["left"][at] = put(node["left_child"])
        tree["right"][at] = put(node["right_child"])
        return at

    put(root)
    return tree


main()
