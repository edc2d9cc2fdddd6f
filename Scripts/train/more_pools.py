"""Further training pools, of documents that neither the pools of `pools.py` nor the development pools have.

    python more_pools.py --shared ../../../shared --packages PACKAGES --pools POOLS [--documents 3000]

Writes POOLS/train/SOURCE-NUMBER: each document with the query of its source, where it has one, and two that are made of it.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

from pools import packages, passage, read, training_pool

# How many pools of each source, in the order in which they are made: first one of each.
POOLS = {"leads": 4, "packages": 2, "wikinews-title-body": 2, "dpr-distant": 3, "wikipedia-section": 3, "medquad": 1, "simplewiki-title-lead": 1}
BEGINNING = 120


def beginning(text):
    """What a text is known by."""
    return " ".join(text.split())[:BEGINNING]


def seen(pools):
    """The beginnings of all documents of pools that are there."""
    out = set()
    for path in [*pools.glob("dev/*/corpus.jsonl"), *pools.glob("small/*/corpus.jsonl"), *pools.glob("train/*/corpus.jsonl")]:
        out |= {beginning(json.loads(line)["text"]) for line in open(path, encoding="utf-8")}
    return out


def texts(shared, path, name):
    """(query, passage, kind) of a source."""
    if name == "leads":
        rows = map(json.loads, gzip.open(shared / "collections/wiki-leads/corpus.jsonl.gz", "rb"))
        return [(row["title"], f"{row['title']} {row['text']}", "title") for row in rows if row.get("title")]
    if name == "packages":
        return [(synopsis, text, "title") for synopsis, text in packages(path)]
    kind = "title" if "title" in name or name == "wikipedia-section" else "question"
    return [(pair["query"], passage(pair), kind) for pair in read(shared, name)]


def main():
    """Write every pool that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--pools", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=30)
    options = parser.parse_args()
    known = seen(options.pools)
    for name, count in POOLS.items():
        rng = random.Random(f"{options.seed} {name}")
        kept = []
        for item in texts(options.shared, options.packages, name):
            key = beginning(item[1])
            if len(item[1].split()) >= 25 and key not in known:
                known.add(key)
                kept.append(item)
        rng.shuffle(kept)
        for number in range(count):
            part = kept[number * options.documents : (number + 1) * options.documents]
            if len(part) == options.documents:
                training_pool(part, rng, 2).write(options.pools / "train" / f"{name}-{number + 1}")


if __name__ == "__main__":
    main()
