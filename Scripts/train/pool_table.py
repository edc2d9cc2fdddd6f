"""Inference-free queries of packed models on development pools, beside BM25 and the model whose vectors the pools hold.

    python pool_table.py POOL ... --cache CACHE --apus PROGRAM --models PACKED ... [--tokens 256]

nDCG@10 alone and (hybrid, the learned share .6), idf^.5 of the pool on queries, and the terms of a document; the last line of a
pool is each model's difference to the first of --models with its standard error.
"""

import argparse
from pathlib import Path

import numpy as np

from apus_encoder import ApusEncoder
from cached import Pool, inverse_frequency, read_vectors, scaled


def gains(pool, queries, documents):
    """Each query's nDCG@10, alone and hybrid."""
    idf = np.sqrt(inverse_frequency(documents))[None]
    scores = (queries.multiply(idf).tocsr() @ documents.T).toarray()
    return pool.gains(scores), pool.gains(0.4 * scaled(pool.bm25) + 0.6 * scaled(scores))


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--apus", type=Path, required=True)
    parser.add_argument("--models", type=Path, nargs="+", required=True)
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    encoders = {str(path): ApusEncoder(options.apus, path, options.threads) for path in options.models}
    vocabulary = next(iter(encoders.values())).ids
    for folder in options.pools:
        pool = Pool(folder, options.cache)
        free = read_vectors(folder / "q-free.jsonl", vocabulary)[: len(pool.queries)]
        rows = {"pool's own model": (free, pool.vectors(vocabulary))}
        for name, encoder in encoders.items():
            rows[name] = encoder.free(pool.queries, options.tokens), encoder.encode(pool.texts, options.tokens)
        print(f"{pool.name}: BM25 {pool.gains(pool.bm25).mean():.3f}", flush=True)
        first = None
        for name, (queries, documents) in rows.items():
            alone, hybrid = gains(pool, queries, documents)
            more = ""
            if name in encoders:
                first = alone if first is None else first
                apart = alone - first
                more = f", {apart.mean():+.3f} ± {apart.std() / len(apart) ** 0.5:.3f}"
            print(f"  {name}: {alone.mean():.3f} ({hybrid.mean():.3f}), {documents.getnnz(1).mean():.0f} terms{more}", flush=True)


if __name__ == "__main__":
    main()
