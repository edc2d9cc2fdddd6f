"""Small development pools for models that change the documents too: some queries with the documents that they need.

    python subpools.py POOLS/dev/* --cache CACHE --vocabulary vocab.txt --out POOLS/small [--queries 200] [--depth 5]

Kept are the judged documents and the best of BM25 and of the model whose vectors lie beside the pool, so that encoding one
anew takes a minute instead of half an hour. Good for comparing models, unfair to the two rankers that chose.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from cached import Pool
from teachers import Student


def write(pool, kept, out):
    """The documents `kept` of a pool, with its queries and their judgements, as a collection."""
    out.mkdir(parents=True, exist_ok=True)
    lines = open(pool.folder / "corpus.jsonl", encoding="utf-8").read().splitlines(True)
    (out / "corpus.jsonl").write_text("".join(lines[i] for i in kept), encoding="utf-8")
    (out / "queries.tsv").write_text("".join(f"{n}\t{q}\n" for n, q in zip(pool.names, pool.queries)), encoding="utf-8")
    grades = (f"{n} 0 {pool.ids[d]} {g}\n" for n, row in zip(pool.names, pool.grades) for d, g in row.items())
    (out / "qrels.txt").write_text("".join(grades), encoding="utf-8")


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocab.txt of the model whose vectors lie beside the pools")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--depth", type=int, default=5)
    options = parser.parse_args()
    words = options.vocabulary.read_text(encoding="utf-8").rstrip("\n").split("\n")
    student = {word: i for i, word in enumerate(words)}
    for folder in options.pools:
        pool = Pool(folder, options.cache)
        # The queries of a kind stand together, so every so-manieth is taken.
        rows = np.unique(np.linspace(0, len(pool.queries) - 1, min(options.queries, len(pool.queries))).astype(int))
        mask = pool.candidates(pool.bm25[rows], Student(folder, student).scores(pool)[rows], depth=options.depth)
        pool.names, pool.queries, pool.grades = ([part[i] for i in rows] for part in (pool.names, pool.queries, pool.grades))
        kept = sorted(set(np.flatnonzero(mask.any(0))) | {d for row in pool.grades for d in row})
        write(pool, kept, options.out / folder.name)
        print(f"{options.out / folder.name}: {len(rows)} queries, {len(kept)} of {len(pool.ids)} documents")


if __name__ == "__main__":
    sys.exit(main())
