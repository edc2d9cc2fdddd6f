"""A teacher's document vectors beside the token ids of the texts, as flat arrays.

    python taught.py TEXTS.jsonl=VECTORS.jsonl ... --tokenizer FOLDER --out TAUGHT [--leave-out POOLS/dev/*/corpus.jsonl]

TEXTS is what `apus encode --input` read, VECTORS what it wrote, in the same order; both may be cut off at the end. Texts
whose beginning is also that of a left-out text are dropped, so that development collections stay unseen.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from transformers import AutoTokenizer

BEGINNING = 160
MOST_TOKENS = 256


def text_of(record):
    """The text that is encoded: the title, if there is one, before the body."""
    return " ".join(f"{record.get('title') or ''} {record['text']}".split())


def beginnings(paths):
    """The beginnings of all texts of corpora, with and without their titles."""
    out = set()
    for path in paths:
        for line in open(path, encoding="utf-8"):
            record = json.loads(line)
            out |= {text_of(record)[:BEGINNING], " ".join(record["text"].split())[:BEGINNING]}
    return out


def pairs(texts, vectors, left_out):
    """Texts with their teacher's vectors; ids that differ stop the run with the line's number."""
    with open(texts, encoding="utf-8") as one, open(vectors, encoding="utf-8") as other:
        for number, (text, vector) in enumerate(zip(one, other), 1):
            if not vector.endswith("}\n"):
                return
            record, made = json.loads(text), json.loads(vector)
            if record["_id"] != made["id"]:
                raise SystemExit(f"{vectors}:{number}: vector of {made['id']} beside text {record['_id']} of {texts}")
            body = " ".join(record["text"].split())
            if text_of(record)[:BEGINNING] not in left_out and body[:BEGINNING] not in left_out and made["vector"]:
                yield text_of(record), made["vector"]


def write(sources, tokenizer, left_out, out):
    """The arrays `tokens`, `token-ends`, `terms`, `weights`, `term-ends` in the folder `out`."""
    vocabulary = tokenizer.get_vocab()
    parts, ends = {"tokens": [], "terms": [], "weights": []}, {"token-ends": [0], "term-ends": [0]}
    for texts, vectors in sources:
        batch, count = [], 0

        def flush():
            ids = tokenizer([t for t, _ in batch], truncation=True, max_length=MOST_TOKENS)["input_ids"]
            for row, (_, vector) in zip(ids, batch):
                parts["tokens"].append(np.array(row, np.uint16))
                parts["terms"].append(np.fromiter((vocabulary[t] for t in vector), np.uint16, len(vector)))
                parts["weights"].append(np.fromiter(vector.values(), np.float16, len(vector)))
                ends["token-ends"].append(ends["token-ends"][-1] + len(row))
                ends["term-ends"].append(ends["term-ends"][-1] + len(vector))
            batch.clear()

        for pair in pairs(texts, vectors, left_out):
            batch.append(pair)
            count += 1
            if len(batch) == 2000:
                flush()
        if batch:
            flush()
        print(f"{texts}: {count} texts", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    for name, blocks in parts.items():
        np.save(out / f"{name}.npy", np.concatenate(blocks))
    for name, row in ends.items():
        np.save(out / f"{name}.npy", np.array(row, np.int64))


class Taught:
    """The arrays of folders that `write` made, one after the other."""

    NAMES = ("tokens", "terms", "weights")

    def __init__(self, folders, vocabulary):
        for folder in folders:
            if not (folder / "term-ends.npy").exists():
                raise SystemExit(f"{folder}: no term-ends.npy; make it with taught.py")
        self.tokens, self.terms, self.weights = (
            np.concatenate([np.load(folder / f"{name}.npy") for folder in folders]) for name in self.NAMES
        )
        sizes = [[np.diff(np.load(folder / f"{name}-ends.npy")) for folder in folders] for name in ("token", "term")]
        self.token_ends, self.term_ends = (np.concatenate([[0], np.cumsum(np.concatenate(part))]) for part in sizes)
        self.vocabulary = vocabulary
        counts = np.bincount(self.terms, minlength=vocabulary)
        n = len(self)
        self.idf = np.log1p((n - counts + 0.5) / (counts + 0.5)).astype(np.float32)

    def __len__(self):
        return len(self.token_ends) - 1

    def ids(self, row):
        """The token ids of a text, [CLS] and [SEP] included."""
        return self.tokens[self.token_ends[row] : self.token_ends[row + 1]]

    def vectors(self, rows):
        """The teacher's vectors of texts as a sparse matrix."""
        slices = [slice(self.term_ends[r], self.term_ends[r + 1]) for r in rows]
        indptr = np.concatenate([[0], np.cumsum([s.stop - s.start for s in slices])])
        columns = np.concatenate([self.terms[s] for s in slices]).astype(np.int32)
        values = np.concatenate([self.weights[s] for s in slices]).astype(np.float32)
        return sp.csr_matrix((values, columns, indptr), (len(rows), self.vocabulary))

    def neighbourhoods(self, size, seed):
        """All texts in groups of at most `size` that resemble each other: halves of halves, each cut across the line from a random text to one unlike it."""
        rng = np.random.default_rng((seed, 7))
        directions = rng.standard_normal((self.vocabulary, 24)).astype(np.float32) * self.idf[:, None]
        points = np.concatenate(
            [self.vectors(range(at, min(at + 20000, len(self)))) @ directions for at in range(0, len(self), 20000)]
        )
        points /= np.linalg.norm(points, axis=1, keepdims=True) + 1e-9
        groups, todo = [], [np.arange(len(self))]
        while todo:
            rows = todo.pop()
            if len(rows) <= size:
                groups.append(rows)
                continue
            # Between a text and the one of some that resembles it least.
            sample = points[rng.choice(rows, min(len(rows), 500), replace=False)]
            axis = sample[0] - sample[np.argmin(sample @ sample[0])]
            order = np.argsort(points[rows] @ axis, kind="stable")
            todo += [rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]]
        return [groups[i] for i in rng.permutation(len(groups))]


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", help="TEXTS.jsonl=VECTORS.jsonl")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--leave-out", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    sources = [tuple(Path(p) for p in item.split("=")) for item in options.sources]
    write(sources, AutoTokenizer.from_pretrained(options.tokenizer), beginnings(options.leave_out), options.out)


if __name__ == "__main__":
    main()
