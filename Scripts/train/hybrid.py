"""Choose the weight of the learned side in the hybrid on development collections.

    python hybrid.py --model FOLDER DEVELOPMENT ... [--apus PROGRAM] [--cache FOLDER]

For weights 0, .1 ... 1 of the learned scores (the rest for BM25; min-max over the top 1,000, as in evaluate.py) prints
nDCG@10 of each collection and their mean, for both query sides, with the best weight of each. How far the choice can
be trusted is shown by choosing on one half of the queries and measuring on the other, 200 times.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from evaluate import Collection, bm25_scores, encoder_of, measures_by_query, scaled, vectors

WEIGHTS = np.linspace(0, 1, 11)


def curves(encoder, collection, tokens, cache):
    """nDCG@10 by query and weight, `[queries, weights]`, for each query side."""
    bm25 = scaled(bm25_scores(collection))
    made = vectors(encoder, collection, tokens, cache)
    documents, out = made.pop("document"), {}
    for name, matrix in made.items():
        learned = scaled((matrix @ documents.T).toarray())
        out[name] = np.stack([measures_by_query((1 - w) * bm25 + w * learned, collection)[0] for w in WEIGHTS], 1)
    return out


def halves(gains, rng, times=200):
    """The weight chosen on a random half of the queries (mean, spread), and its gain over equal weights on the rest."""
    chosen, over = [], []
    for _ in range(times):
        parts = [rng.permutation(len(part)) for part in gains]
        first = np.mean([g[p[: len(p) // 2]].mean(0) for g, p in zip(gains, parts)], 0)
        second = np.mean([g[p[len(p) // 2 :]].mean(0) for g, p in zip(gains, parts)], 0)
        best = int(first.argmax())
        chosen.append(WEIGHTS[best])
        over.append(second[best] - second[len(WEIGHTS) // 2])
    return float(np.mean(chosen)), float(np.std(chosen)), float(np.mean(over))


def main():
    """Print the curves and the choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--split", choices=["test", "train"], default="test")
    parser.add_argument("--apus", type=Path, help="encode with this apus program; the model is then a packed folder")
    parser.add_argument("--cache", type=Path, help="folder that keeps the vectors")
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encoder, found = encoder_of(options), {}
    for path in options.collections:
        cache = options.cache and options.cache / path.stem
        for name, gains in curves(encoder, Collection(path, options.split), options.tokens, cache).items():
            found.setdefault(name, {})[path.stem] = gains
    print("learned share".ljust(28) + " ".join(f"{w:5.1f}" for w in WEIGHTS))
    rng = np.random.default_rng(1)
    for name, parts in found.items():
        rows = {collection: gains.mean(0) for collection, gains in parts.items()}
        rows["mean"] = np.mean(list(rows.values()), 0)
        for collection, row in rows.items():
            print(f"{name} {collection}".ljust(28) + " ".join(f"{v:5.3f}" for v in row) + f"  best {WEIGHTS[row.argmax()]:.1f}")
        mean, spread, over = halves(list(parts.values()), rng)
        print(f"{name}: chosen on halves {mean:.2f} ± {spread:.2f}, {over:+.4f} over equal weights on the other half")


if __name__ == "__main__":
    main()
