"""Distils the built-in embedder from all-MiniLM-L6-v2: one vector for each token, weighted, reduced by PCA, in 8 bits.

usage: python train.py REFERENCE_DIR TRAIN_PAIRS OUT_DIR

REFERENCE_DIR holds the reference model (model.onnx, tokenizer.json). TRAIN_PAIRS are the pairs of
core/models/training/make_pairs.py: their texts, and one short text for each word of the vocabulary, are what the
vectors learn to sum up like the reference model does. Seeded.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime as ort
import scipy.sparse as sp
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

SEED, DIMENSION, EPOCHS, RATE, PULL = 3, 224, 150, 0.02, 0.02
REFERENCE, PAIRS, OUT = (pathlib.Path(arg) for arg in sys.argv[1:4])
rng = np.random.default_rng(SEED)
tokenizer = Tokenizer.from_file(str(REFERENCE / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(64)
options = ort.SessionOptions()
options.intra_op_num_threads = 2
session = ort.InferenceSession(str(REFERENCE / "model.onnx"), options)
VOCABULARY = tokenizer.get_vocab_size()
SPECIAL = [0, 100, 101, 102, 103]


def teach(rows):
    """The reference model's sentence vectors of token id rows."""
    out = np.zeros((len(rows), 384), np.float32)
    order = np.argsort([len(row) for row in rows], kind="stable")
    for at in range(0, len(rows), 64):
        batch = order[at:at + 64]
        length = max(len(rows[i]) for i in batch)
        ids, mask = np.zeros((len(batch), length), np.int64), np.zeros((len(batch), length), np.int64)
        for j, i in enumerate(batch):
            ids[j, :len(rows[i])], mask[j, :len(rows[i])] = rows[i], 1
        hidden = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})[0]
        out[batch] = (hidden * mask[..., None]).sum(1)
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


texts = sorted({pair[side] for pair in map(json.loads, PAIRS.open()) for side in ("a", "b")})
rng.shuffle(texts)
words = [w for w, i in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]) if i >= 1996 and w.isalpha() and len(w) > 2]
frames = ["what is {}", "how do i {}", "why is {} important", "the best {} for me", "{} and {}", "is {} better than {}"]
made = [frames[i % len(frames)].format(w, words[int(rng.integers(len(words)))]) for i, w in enumerate(words)]
texts = texts[:40_000] + made
rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
target = teach(rows)
print("taught", len(rows), flush=True)
# The beginning: what the model says of each token alone, less what is common to all, by the rank of the word.
alone = teach([[101, token, 102] for token in range(VOCABULARY)])
mean = target.mean(0)
_, _, axes = np.linalg.svd(target[rng.permutation(len(target))[:12_000]] - 0, full_matrices=False)
axes = axes[:DIMENSION]
rank = np.arange(VOCABULARY)
weight = np.clip(np.log1p(np.maximum(rank - 1996, 0) / 30), 0.15, None)
vectors = (unit(alone - 0.8 * mean) @ axes.T) * weight[:, None]
vectors[SPECIAL] = 0
counts = sp.lil_matrix((len(rows), VOCABULARY), dtype=np.float32)
index = [(i, t) for i, row in enumerate(rows) for t in row if t not in SPECIAL]
counts = sp.csr_matrix((np.ones(len(index), np.float32), tuple(zip(*index))), shape=(len(rows), VOCABULARY))
goal = unit(target @ axes.T)
cut = int(0.95 * len(rows))
order = rng.permutation(len(rows))
train, check = order[:cut], order[cut:]
begin = vectors.copy().astype(np.float32)
vectors = begin.copy()
seen = np.asarray(counts[train].sum(0)).ravel() > 0
first, second = np.zeros_like(vectors), np.zeros_like(vectors)
A, G = counts[train], goal[train]
AT = A.T.tocsr()
for epoch in range(1, EPOCHS + 1):
    total = A @ vectors
    length = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
    one = total / length
    gradient = AT @ ((one * (one * G).sum(1, keepdims=True) - G) / length) + PULL * (vectors - begin) * seen[:, None]
    first = 0.9 * first + 0.1 * gradient
    second = 0.99 * second + 0.01 * gradient**2
    vectors -= RATE * (first / (1 - 0.9**epoch)) / (np.sqrt(second / (1 - 0.99**epoch)) + 1e-8) * seen[:, None]
    if epoch % 25 == 0 or epoch == 1:
        print(epoch, "cosine to the reference, unseen texts:", float((unit(counts[check] @ vectors) * goal[check]).sum(1).mean()), flush=True)
vectors[SPECIAL] = 0
scale = np.maximum(np.abs(vectors).max(1), 1e-9) / 127
table = np.clip(np.round(vectors / scale[:, None]), -127, 127).astype(np.int8)
table[SPECIAL] = 0
graph = helper.make_graph(
    [
        helper.make_node("Gather", ["table", "input_ids"], ["rows8"]),
        helper.make_node("Cast", ["rows8"], ["rows"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["scale", "input_ids"], ["scales"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask3"]),
        helper.make_node("Mul", ["rows", "scales"], ["scaled"]),
        helper.make_node("Mul", ["scaled", "mask3"], ["last_hidden_state"]),
    ],
    "builtin",
    [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask")],
    [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", DIMENSION])],
    [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(scale.astype(np.float32)[:, None], "scale"),
        numpy_helper.from_array(np.array([2], np.int64), "last"),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, OUT / "model.onnx")
# The reference's tokenizer without its padding and truncation: the window is set by who runs it.
tokens = json.loads((REFERENCE / "tokenizer.json").read_text())
tokens["padding"], tokens["truncation"] = None, None
(OUT / "tokenizer.json").write_text(json.dumps(tokens, ensure_ascii=False, separators=(",", ":")))
