"""The training pairs as train.py reads them, and the choice of each batch."""

import numpy as np
import scipy.sparse as sp
import torch


class Pairs:
    """The arrays of prepare.py, and batches of neighbours: hard negatives are the neighbours' passages."""

    def __init__(self, folder):
        self.queries = np.load(folder / "queries.npy", mmap_mode="r")
        self.documents = np.load(folder / "documents.npy", mmap_mode="r")
        self.lengths = (self.documents != 0).sum(1)
        self.embeddings = torch.from_numpy(np.load(folder / "query-embeddings.npy")).float()
        self.bm25_queries = sp.load_npz(folder / "bm25-queries.npz")
        self.bm25_documents = sp.load_npz(folder / "bm25-documents.npz")
        self.mass = np.asarray(self.bm25_queries.sum(1)).ravel() + 1e-6
        self.idf = torch.from_numpy(np.load(folder / "idf.npy"))
        self.used = np.zeros(len(self.queries), np.int32)
        self.sources = np.load(folder / "sources.npy")
        self.centres = []

    def move(self, seeds, stay, step, rng, favoured):
        """Replace the centres of the neighbourhoods by unused pairs, each after `stay` steps, one after the other.

        Every other centre comes from the favoured sources, if any.
        """
        everywhere, wanted = np.arange(len(self.used)), np.flatnonzero(np.isin(self.sources, list(favoured)))
        for seed in range(seeds):
            if len(self.centres) == seeds and (step + seed * stay // seeds) % stay:
                continue
            pool = wanted if len(wanted) and seed % 2 == 0 else everywhere
            centre = int(rng.choice(pool[self.used[pool] == self.used[pool].min()]))
            self.centres[seed : seed + 1] = [centre]

    def batch(self, size, seeds, stay, step, rng, favoured=()):
        """Indices by passage length: around each of `seeds` centres, the least used of its nearest neighbours."""
        self.move(seeds, stay, step, rng, favoured)
        group = size // seeds
        chosen = np.array(self.centres)
        count = min((stay + 3) * group, len(self.used))
        near = (self.embeddings[chosen] @ self.embeddings.T).topk(count, dim=1).indices.numpy()
        picked = set()
        for row in near:
            order = np.argsort(self.used[row] + rng.random(len(row)) * 0.5, kind="stable")
            order = [i for i in row[order].tolist() if i not in picked]
            picked.update(order[:group])
        index = np.array(sorted(picked))
        self.used[index] += 1
        return index[np.argsort(self.lengths[index], kind="stable")]

    def bm25(self, queries, documents):
        """BM25 of every query with every passage, both given as indices, as a share of the query's idf mass."""
        scores = (self.bm25_queries[queries] @ self.bm25_documents[documents].T).toarray()
        return torch.from_numpy(scores / self.mass[queries, None]).float()
