"""What a ranker is to say of the documents of a pool: the mean of its teachers, from vectors that `teachers.py` made once."""

import numpy as np
import torch

from cached import blend, read_vectors


def lacking_teachers(teachers, pools, cache):
    """Stops with the names of teachers that have no vectors for a pool."""
    for folder in pools:
        where = cache / folder.parent.name / folder.name
        lacking = [name for name in (item.split("=")[0] for item in teachers)
                   if name not in ("bm25", "mini1") and not (where / f"{name}-documents.npy").exists()]  # fmt: skip
        if lacking:
            raise SystemExit(f"{folder}: no vectors of {', '.join(lacking)} in {where}; make them with teachers.py vectors")


def named_weights(items):
    """Weights by name of NAME=WEIGHT items."""
    return {name: float(weight) for name, weight in (item.split("=") for item in items)}


class Teachers:
    """The weighted mean of min-max scores of several rankers over all documents of a pool; those of `also` where they are."""

    def __init__(self, weights, vocabulary, also=()):
        self.weights, self.vocabulary, self.also, self.kept = {**weights, **dict(also)}, vocabulary, dict(also), {}

    def vectors(self, cached):
        """Each ranker's queries and documents."""
        pool = cached.pool
        if pool.name not in self.kept:
            made = {}
            for name in self.weights:
                if name == "bm25":
                    made[name] = pool.bm25_vectors()
                elif name == "mini1":
                    queries = (read_vectors(pool.folder / f"q-{side}.jsonl", self.vocabulary) for side in ("siamese", "free"))
                    made[name] = (blend(*queries).multiply(cached.idf.numpy()[None]).tocsr(), cached.documents)
                elif name not in self.also or (pool.cache / f"{name}-documents.npy").exists():
                    made[name] = tuple(np.load(pool.cache / f"{name}-{part}.npy", mmap_mode="r") for part in ("queries", "documents"))
            self.kept[pool.name] = made
        return self.kept[pool.name]

    def targets(self, cached, rows):
        """`[rows, documents]`, 0 to 1."""
        total = weight = 0
        for name, (queries, documents) in self.vectors(cached).items():
            if name in ("bm25", "mini1"):
                scores = (queries[rows] @ documents.T).toarray()
            else:
                scores = queries[rows].astype(np.float32) @ documents.astype(np.float32).T
                # Cosines have a floor that most documents share; min-max over all of them would spread the head thinly.
                scores = np.maximum(scores, np.quantile(scores, 0.5, axis=1, keepdims=True))
            low, high = scores.min(1, keepdims=True), scores.max(1, keepdims=True)
            total, weight = total + self.weights[name] * (scores - low) / (high - low + 1e-9), weight + self.weights[name]
        return torch.from_numpy(total / weight)
