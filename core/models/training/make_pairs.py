"""Writes the pairs that the verifier's head is trained on; only data whose licence lets a trained head ship.

usage: python make_pairs.py INTENTS_DIR ADVISING_JSON DICT_DIR OUT

INTENTS_DIR holds banking77.jsonl (CC BY 4.0) and clinc150.jsonl (CC BY 3.0); ADVISING_JSON is data/advising.json of
jkkummerfeld/text2sql-data (CC BY 4.0); DICT_DIR is WordNet 3.0's. The rest is written here. Seeded: the same inputs
give the same pairs.
"""
import collections
import json
import pathlib
import random
import re
import sys

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from own_questions import BEFORE_HOW, FAMILIES, QUALIFIERS, WRAPS

random.seed(7)
INTENTS, ADVISING, DICT, OUT = (pathlib.Path(arg) for arg in sys.argv[1:5])
# Intents of CLINC150 whose questions have one answer each; the others carry slots.
ONE_ANSWER = set(
    "change_ai_name how_old_are_you what_is_your_name where_are_you_from who_made_you what_can_i_ask_you are_you_a_bot "
    "what_are_your_hobbies meaning_of_life do_you_have_pets who_do_you_work_for improve_credit_score credit_score apr "
    "change_accent change_volume change_speed change_language sync_device reset_settings whisper_mode user_name tire_change "
    "tire_pressure jump_start oil_change_how oil_change_when last_maintenance schedule_maintenance gas mpg gas_type w2 taxes "
    "income payday pto_balance pto_used pto_request_status rollover_401k direct_deposit insurance insurance_change "
    "next_holiday rewards_balance redeem_rewards credit_limit credit_limit_change international_fees damaged_card new_card "
    "replacement_card_duration expiration_date card_declined report_lost_card report_fraud pin_change freeze_account "
    "account_blocked order_checks routing min_payment interest_rate tell_joke fun_fact flip_coin roll_dice what_song "
    "find_phone plug_type vaccines lost_luggage carry_on".split()
)
pairs = []


def put(source, a, b, same):
    if a.strip().lower() != b.strip().lower():
        pairs.append({"source": source, "a": a, "b": b, "same": int(same)})


def read(name):
    return [json.loads(line) for line in (INTENTS / name).open()]


def neighbours(texts, count):
    matrix = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    for at in range(0, len(texts), 500):
        near = (matrix[at:at + 500] @ matrix.T).toarray()
        for row in range(near.shape[0]):
            near[row, at + row] = -1
            yield at + row, np.argsort(-near[row])[:count]


def from_intents():
    for name in ("banking77.jsonl", "clinc150.jsonl"):
        rows = [row for row in read(name) if row["intent"] != "oos"]
        random.shuffle(rows)
        rows = rows[:7000]
        texts = [row["text"] for row in rows]
        whole = name == "banking77.jsonl"
        for at, near in neighbours(texts, 40):
            intent = rows[at]["intent"]
            other = [i for i in near if rows[i]["intent"] != intent][:1]
            alike = [i for i in near if rows[i]["intent"] == intent]
            for i in other:
                put(name, texts[at], texts[i], False)
            if alike and (whole or intent in ONE_ANSWER):
                put(name, texts[at], texts[random.choice(alike[:8])], True)


def fill(text, values):
    for key, value in values.items():
        text = re.sub(rf"\b{key}\b", value, text)
    return re.sub(r"\s+([?.!,])", r"\1", text)


def from_advising():
    entries = [e for e in json.loads(ADVISING.read_text())]
    plain = []
    for at, entry in enumerate(entries):
        sentences = [s for s in entry["sentences"]]
        values = [s["variables"] for s in sentences]
        for i, sentence in enumerate(sentences):
            mine = random.choice(values)
            plain.append((at, fill(sentence["text"], mine)))
            for other in random.sample(sentences, min(3, len(sentences))):
                if set(other["variables"]) == set(sentence["variables"]) and other is not sentence:
                    keys = {**sentence["variables"], **mine}
                    put("advising", fill(sentence["text"], keys), fill(other["text"], keys), True)
    random.shuffle(plain)
    texts = [text for _, text in plain]
    for at, near in neighbours(texts, 30):
        other = [i for i in near if plain[i][0] != plain[at][0]]
        if other:
            put("advising", texts[at], texts[other[0]], False)
            put("advising", texts[at], texts[random.choice(other)], False)


def own():
    everything = []
    for family in FAMILIES:
        names = list(family["slots"])
        values = [family["slots"][n] for n in names]
        for _ in range(family.get("count", 60)):
            chosen = {n: random.choice(v) for n, v in zip(names, values)}
            a, b = random.sample(family["forms"], 2) if len(family["forms"]) > 1 else family["forms"] * 2
            words = {n: c.split("/") for n, c in chosen.items()}
            one = a.format(**{n: random.choice(w) for n, w in words.items()})
            two = b.format(**{n: random.choice(w) for n, w in words.items()})
            put("own", wrap(one), wrap(two), True)
            everything.append((family["name"], chosen, one))
            changed = dict(chosen)
            slot = random.choice(names)
            changed[slot] = random.choice([v for v in family["slots"][slot] if v != chosen[slot]])
            third = random.choice(family["forms"]).format(**{n: c.split("/")[0] for n, c in changed.items()})
            put("own", one, wrap(third), False)
            if random.random() < 0.6:
                put("own", two, qualified(one), False)
    # The other question about the same thing.
    by_things = collections.defaultdict(list)
    for name, chosen, text in everything:
        for thing in chosen.values():
            by_things[thing].append((name, text))
    for texts in by_things.values():
        for _ in range(min(40, len(texts))):
            (one, a), (two, b) = random.choice(texts), random.choice(texts)
            if one != two:
                put("own", a, b, False)
    return [text for _, _, text in everything]


def wrap(text):
    return random.choice(WRAPS).format(text) if random.random() < 0.25 else text


def qualified(text):
    end = text[-1] if text[-1] in "?." else ""
    if random.random() < 0.3:
        return f"{random.choice(BEFORE_HOW)}, {text[0].lower()}{text[1:]}"
    return f"{text.rstrip('?.')} {random.choice(QUALIFIERS)}{end}"


def wordnet():
    """First-sense synonyms and siblings (words with a common direct hypernym) of nouns and verbs."""
    synonyms, siblings = {}, {}
    for pos in ("noun", "verb"):
        synsets, children = {}, collections.defaultdict(list)
        for line in (DICT / f"data.{pos}").open():
            if line.startswith(" "):
                continue
            fields = line.split(" | ")[0].split()
            count = int(fields[3], 16)
            words = [fields[4 + 2 * i].lower() for i in range(count)]
            at = 4 + 2 * count
            ups = [fields[at + 2 + 4 * i] for i in range(int(fields[at])) if fields[at + 1 + 4 * i] in ("@", "@i")]
            synsets[fields[0]] = (words, ups)
            for up in ups:
                children[up].append(fields[0])
        for line in (DICT / f"index.{pos}").open():
            if line.startswith(" "):
                continue
            fields = line.split()
            if not fields[0].isalpha() or int(fields[2]) > 3:
                continue
            words, ups = synsets[fields[-int(fields[2])]]
            own_synonyms = [w for w in words if w != fields[0] and w.isalpha()]
            if own_synonyms:
                synonyms.setdefault(fields[0], own_synonyms)
            kin = [w for up in ups for c in children[up] for w in synsets[c][0] if w.isalpha() and w not in words]
            if kin and len(children[ups[0]]) < 120:
                siblings.setdefault(fields[0], kin)
    return synonyms, siblings


def substitutions(texts):
    synonyms, siblings = wordnet()
    common = collections.Counter(word for text in texts for word in text.lower().split())
    for text in texts:
        words = text.split()
        places = [i for i, w in enumerate(words) if w.lower() in siblings and len(w) > 3]
        if places:
            at = random.choice(places)
            kin = [w for w in siblings[words[at].lower()] if common[w]] or siblings[words[at].lower()]
            put("siblings", text, " ".join(words[:at] + [random.choice(kin)] + words[at + 1:]), False)
        places = [i for i, w in enumerate(words) if w.lower() in synonyms and len(w) > 3]
        if places and random.random() < 0.7:
            at = random.choice(places)
            put("synonyms", text, " ".join(words[:at] + [synonyms[words[at].lower()][0]] + words[at + 1:]), True)


from_intents()
from_advising()
own_texts = own()
texts = [row["text"] for name in ("banking77.jsonl", "clinc150.jsonl") for row in read(name)]
substitutions(random.sample(texts, 3500) + random.sample(own_texts, 1500))
random.shuffle(pairs)
with OUT.open("w") as out:
    for pair in pairs:
        out.write(json.dumps(pair) + "\n")
print(collections.Counter((pair["source"], pair["same"]) for pair in pairs))
