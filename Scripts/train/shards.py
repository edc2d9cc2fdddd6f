"""Prepared shards for `run`: token ids and teachers' scores, small enough to be carried to another machine.

    python shards.py --cache CACHE --model FOLDER --out SHARDS [--teachers minilm=1 bm25=1 mini1=1] POOL ...

Each query comes with its candidates: the best of every teacher and of the model, some others of its pool, and for each the
teachers' mean of min-max scores. SHARDS/shard-000.npz ... hold at most 60 MB each, SHARDS/shards.json what they were made of.
Every teacher's vectors are looked for before anything is written.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer

from query_side import Cached
from targets import Teachers, lacking_teachers

MOST_BYTES = 60_000_000


def block(rows, tokens):
    """Token ids as padded uint16 rows."""
    out = np.zeros((len(rows), tokens), np.uint16)
    for row, ids in zip(out, rows):
        row[: len(ids)] = ids
    return out


def pool_shards(cached, teachers, tokenizer, options, rng):
    """One part of a pool after the other: queries, documents that they need, candidates, scores."""
    pool = cached.pool
    documents = block(tokenizer(pool.texts, truncation=True, max_length=options.document_tokens)["input_ids"], options.document_tokens)
    queries = block(tokenizer(pool.queries, truncation=True, max_length=options.query_tokens)["input_ids"], options.query_tokens)
    for at in range(0, len(queries), options.part):
        rows = np.arange(at, min(at + options.part, len(queries)))
        target = teachers.targets(cached, rows).numpy()
        best = np.argsort(-target, axis=1)[:, : options.hard]
        others = rng.integers(0, target.shape[1], (len(rows), options.candidates - best.shape[1]))
        chosen = np.concatenate([best, others], 1)
        needed, place = np.unique(chosen, return_inverse=True)
        yield {
            "queries": queries[rows], "documents": documents[needed],
            "candidates": place.reshape(chosen.shape).astype(np.int32),
            "scores": np.take_along_axis(target, chosen, 1).astype(np.float16),
        }  # fmt: skip


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teachers", nargs="+", default=["minilm=1", "bm25=1", "mini1=1"])
    parser.add_argument("--candidates", type=int, default=32)
    parser.add_argument("--hard", type=int, default=20)
    parser.add_argument("--part", type=int, default=4000, help="queries of a shard")
    parser.add_argument("--query-tokens", type=int, default=64)
    parser.add_argument("--document-tokens", type=int, default=200)
    parser.add_argument("--first", type=int, default=5)
    options = parser.parse_args()
    lacking_teachers(options.teachers, options.pools, options.cache)
    tokenizer, rng = AutoTokenizer.from_pretrained(options.model), np.random.default_rng(1)
    vocabulary, count = tokenizer.get_vocab(), 0
    teachers = Teachers({name: float(w) for name, w in (item.split("=") for item in options.teachers)}, vocabulary)
    options.out.mkdir(parents=True, exist_ok=True)
    for folder in options.pools:
        for part in pool_shards(Cached(folder, options.cache, vocabulary, None), teachers, tokenizer, options, rng):
            path = options.out / f"shard-{count:03}.npz"
            np.savez_compressed(path, **part)
            if path.stat().st_size > MOST_BYTES:
                raise SystemExit(f"{path}: {path.stat().st_size} bytes, more than {MOST_BYTES}; use a smaller --part")
            count += 1
            print(f"{path}: {len(part['queries'])} queries, {len(part['documents'])} documents of {folder.name}", flush=True)
    made = {"teachers": options.teachers, "pools": [p.name for p in options.pools], "shards": count}
    (options.out / "shards.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
