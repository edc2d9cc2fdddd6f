"""Pools whose documents were encoded once: sparse vectors, BM25 and teachers' vectors beside queries and judgements.

    apus encode --input POOL/corpus.jsonl > CACHE/dev/POOL/documents.jsonl      # or any model's
    pool = Pool(Path("POOLS/dev/fever"), Path("CACHE"))
    pool.learned(pool.blended(siamese, free))       # what `apus search` scores: idf^.5 of the pool on queries

Everything is float32 and sparse; scores are dense `[queries, documents]`.
"""

import json
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from lexical import Lexicon, stems


def read_vectors(path, ids, names=None):
    """`apus encode`'s lines as a sparse matrix, rows in the order of `names` (of the lines without)."""
    place = {name: i for i, name in enumerate(names)} if names is not None else None
    rows, columns, values, count = [], [], [], 0
    for line in open(path, encoding="utf-8"):
        record = json.loads(line)
        row = count if place is None else place[record["id"]]
        count += 1
        vector = record["vector"]
        rows.append(np.full(len(vector), row, np.int32))
        columns.append(np.fromiter((ids[t] for t in vector), np.int32, len(vector)))
        values.append(np.fromiter(vector.values(), np.float32, len(vector)))
    shape = (count if names is None else len(names), len(ids))
    if names is not None and count != len(names):
        raise SystemExit(f"{path}: {count} vectors for {len(names)} texts; encode them again")
    return sp.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape)


def kept(path, make):
    """A sparse matrix that is made once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".tmp.npz")
        sp.save_npz(partial, make(), compressed=False)
        partial.rename(path)
    return sp.load_npz(path)


def inverse_frequency(documents):
    """idf of the learned terms, as the index computes it."""
    df, n = np.asarray((documents > 0).sum(0)).ravel(), documents.shape[0]
    return np.log1p((n - df + 0.5) / (df + 0.5)).astype(np.float32)


def heaviest(matrix, most):
    """Each row's `most` heaviest terms."""
    matrix = matrix.tocsr()
    out = []
    for i in range(matrix.shape[0]):
        row = slice(matrix.indptr[i], matrix.indptr[i + 1])
        columns, values = matrix.indices[row], matrix.data[row]
        if len(values) > most:
            best = np.argpartition(-values, most)[:most]
            columns, values = columns[best], values[best]
        out.append((columns, values))
    indptr = np.concatenate([[0], np.cumsum([len(c) for c, _ in out])])
    return sp.csr_matrix((np.concatenate([v for _, v in out]), np.concatenate([c for c, _ in out]), indptr), matrix.shape)


def unit(matrix):
    """Rows of length 1."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    return sp.diags(1 / np.maximum(length, 1e-9)) @ matrix


def blend(siamese, free, share=0.3, most=30):
    """The query side `blended`; the siamese vector's length is kept where it is not empty."""
    length = np.sqrt(np.asarray(siamese.multiply(siamese).sum(1)).ravel())
    return heaviest(((1 - share) * siamese + sp.diags(share * length) @ unit(free)).tocsr(), most)


def scaled(scores, depth=1000):
    """Min-max scores of each query over its best `depth` documents, 0 below."""
    depth = min(depth, scores.shape[1]) - 1
    least = -np.partition(-scores, depth, axis=1)[:, depth : depth + 1]
    most = scores.max(1, keepdims=True)
    return np.clip((scores - least) / (most - least + 1e-9), 0, 1)


class Pool:
    """A collection with what is cached of it."""

    def __init__(self, folder, cache, most_queries=None):
        self.folder, self.cache = folder, cache / folder.parent.name / folder.name
        self.name = folder.name
        rows = [json.loads(line) for line in open(folder / "corpus.jsonl", encoding="utf-8")]
        self.ids = [row["_id"] for row in rows]
        self.texts = [f"{row.get('title') or ''} {row['text']}".strip() for row in rows]
        lines = [line.rstrip("\n").split("\t")[:2] for line in open(folder / "queries.tsv", encoding="utf-8")]
        self.all_queries = [text for _, text in lines]
        self.names, self.queries = [name for name, _ in lines[:most_queries]], self.all_queries[:most_queries]
        place, row = {d: i for i, d in enumerate(self.ids)}, {q: i for i, q in enumerate(self.names)}
        self.grades = [{} for _ in self.names]
        for line in open(folder / "qrels.txt", encoding="utf-8"):
            query, _, document, grade = line.split()
            if query in row and int(grade) > 0:
                self.grades[row[query]][place[document]] = int(grade)
        self._bm25 = None

    def vectors(self, vocabulary, name="mini1"):
        """Documents of `apus encode`, kept as a matrix."""
        return kept(self.cache / f"{name}.npz", lambda: read_vectors(self.folder / f"{name}.jsonl", vocabulary, self.ids))

    @property
    def bm25(self):
        """BM25 of every query with every document."""
        if self._bm25 is None:
            queries, documents = self.bm25_vectors()
            self._bm25 = (queries @ documents.T).toarray()
        return self._bm25

    def bm25_vectors(self):
        """BM25's queries and documents as matrices, made together: the numbering of stems differs from process to process."""
        paths = [self.cache / f"bm25-{part}.npz" for part in ("queries", "documents")]
        if not all(path.exists() for path in paths):
            bags = stems(self.texts)
            lexicon = Lexicon.fit(bags)
            made = lexicon.queries(stems(self.all_queries)), lexicon.documents(bags)
            for path, matrix in zip(paths, made):
                path.unlink(missing_ok=True)
            for path, matrix in zip(paths, made):
                kept(path, lambda: matrix)
        queries, documents = map(sp.load_npz, paths)
        return queries[: len(self.queries)], documents

    def dense(self, teacher):
        """A dense teacher's cosines; NaN where a document has no vector."""
        queries = np.load(self.cache / f"{teacher}-queries.npy", mmap_mode="r")[: len(self.queries)]
        documents = np.load(self.cache / f"{teacher}-documents.npy", mmap_mode="r")
        return queries.astype(np.float32) @ documents.astype(np.float32).T

    def gains(self, scores, depth=10):
        """nDCG@10 of each query."""
        out = np.zeros(len(self.queries))
        part = np.argpartition(-scores, depth, axis=1)[:, : depth + 1]
        for i, grades in enumerate(self.grades):
            top = part[i][np.lexsort((part[i], -scores[i, part[i]]))][:depth]
            gain = sum(grades.get(int(d), 0) / np.log2(rank + 2) for rank, d in enumerate(top))
            ideal = sorted(grades.values(), reverse=True)[:depth]
            out[i] = gain / sum(g / np.log2(rank + 2) for rank, g in enumerate(ideal))
        return out

    def candidates(self, *scores, depth=100):
        """Whether a document is among the best of one of the scores, `[queries, documents]`."""
        mask = np.zeros(scores[0].shape, bool)
        for each in scores:
            best = np.argpartition(-each, min(depth, each.shape[1] - 1), axis=1)[:, :depth]
            np.put_along_axis(mask, best, True, 1)
        return mask


def normalised(scores, mask):
    """Min-max of each query over its candidates, -1 elsewhere."""
    low = np.where(mask, scores, np.inf).min(1, keepdims=True)
    high = np.where(mask, scores, -np.inf).max(1, keepdims=True)
    return np.where(mask, (scores - low) / (high - low + 1e-9), -1)
