"""Measure a model folder on collections: siamese, inference-free, and both with BM25.

    python evaluate.py --model FOLDER COLLECTION ... [--split train --queries 150 --documents 1500] [--tokens 200]

A COLLECTION is a folder (corpus.jsonl, queries.tsv, qrels.txt; with --split train: queries.train.tsv,
qrels.train.txt) or a `held-out.jsonl` of prepare.py. --queries and --documents sample (relevant documents stay in).
The hybrid is the plain mean of min-max scores over the top 1,000. FLOPS is the expected number of shared terms.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from transformers import AutoTokenizer

from lexical import Lexicon, stems
from model import Splade, padded, read_table
from teacher import fast_bfloat16


class Collection:
    """Documents, judged queries and relevance grades."""

    def __init__(self, path, split="test", queries=0, documents=0, seed=3):
        rng = random.Random(seed)
        if path.is_file():
            rows = [json.loads(line) for line in open(path)]
            corpus = {str(i): row["positive"] for i, row in enumerate(rows)}
            texts = {str(i): row["query"] for i, row in enumerate(rows)}
            grades = {key: {key: 1} for key in texts}
        else:
            part = ".train" if split == "train" else ""
            rows = (json.loads(line) for line in open(path / "corpus.jsonl"))
            corpus = {row["_id"]: f"{row.get('title') or ''} {row['text']}".strip() for row in rows}
            texts = dict(line.rstrip("\n").split("\t")[:2] for line in open(path / f"queries{part}.tsv"))
            grades = {}
            for line in open(path / f"qrels{part}.txt"):
                query, _, document, grade = line.split()
                if int(grade) > 0:
                    grades.setdefault(query, {})[document] = int(grade)
        keys = [key for key in texts if key in grades]
        if queries and queries < len(keys):
            keys = rng.sample(keys, queries)
        ids = list(corpus)
        if documents and documents < len(ids):
            needed = {document for key in keys for document in grades[key]}
            ids = sorted(needed | set(rng.sample(ids, documents)), key=ids.index)
        self.ids, self.documents = ids, [corpus[i] for i in ids]
        self.queries, self.grades = [texts[key] for key in keys], [grades[key] for key in keys]


def measures(scores, collection):
    """Mean nDCG@10 and R@100 of dense scores `[queries, documents]`; ties in document order."""
    gains, recalls = [], []
    for row, grades in zip(scores, collection.grades):
        top = [grades.get(collection.ids[i], 0) for i in np.argsort(-row, kind="stable")[:100]]
        ideal = sorted(grades.values(), reverse=True)[:10]
        gain = sum(g / np.log2(rank + 2) for rank, g in enumerate(top[:10]))
        gains.append(gain / sum(g / np.log2(rank + 2) for rank, g in enumerate(ideal)))
        recalls.append(sum(g > 0 for g in top) / len(grades))
    return float(np.mean(gains)), float(np.mean(recalls))


def scaled(scores, depth=1000):
    """Min-max scores of each query over its best `depth` documents, 0 below."""
    depth = min(depth, scores.shape[1]) - 1
    least = -np.partition(-scores, depth, axis=1)[:, depth : depth + 1]
    most = scores.max(1, keepdims=True)
    return np.clip((scores - least) / (most - least + 1e-9), 0, 1)


class Encoder:
    """A model folder with its tokenizer and inference-free table."""

    def __init__(self, folder, device="cpu", mixed=None):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        mixed = fast_bfloat16(device) if mixed is None else mixed
        self.model = Splade.load(folder, mixed).to(device).eval()
        self.device = device
        learned = Path(folder) / "terms.npy"
        size = self.model.masked_lm.config.vocab_size
        self.table = np.load(learned) if learned.exists() else read_table(folder, size).numpy()

    @torch.no_grad()
    def encode(self, texts, tokens, batch=24):
        """Term weights as a sparse matrix `[texts, vocabulary]`."""
        ids = self.tokenizer(texts, truncation=True, max_length=tokens)["input_ids"]
        order = np.argsort([len(row) for row in ids], kind="stable")
        rows = [None] * len(ids)
        for i in range(0, len(ids), batch):
            part = order[i : i + batch]
            block = np.zeros((len(part), max(len(ids[j]) for j in part)), np.int64)
            for row, j in zip(block, part):
                row[: len(ids[j])] = ids[j]
            weights = self.model(*padded(block, self.device)).cpu().numpy()
            for row, j in zip(weights, part):
                rows[j] = sp.csr_matrix(row)
        return sp.vstack(rows).tocsr()

    def free(self, texts, tokens=64):
        """Inference-free queries: the table's weight of each distinct token, no [CLS] or [SEP]."""
        ids = self.tokenizer(texts, truncation=True, max_length=tokens, add_special_tokens=False)["input_ids"]
        out = sp.lil_matrix((len(texts), len(self.table)), dtype=np.float32)
        for row, tokens in enumerate(ids):
            for token in set(tokens):
                out[row, token] = self.table[token]
        return out.tocsr()


def flops(queries, documents):
    """Expected number of terms a query shares with a document."""
    share = [np.asarray((m > 0).mean(0)).ravel() for m in (queries, documents)]
    return float(share[0] @ share[1])


def evaluate(encoder, collection, tokens):
    """Rows (name, nDCG@10, R@100) and the sizes of the vectors."""
    bags = stems(collection.documents)
    lexicon = Lexicon.fit(bags)
    bm25 = (lexicon.queries(stems(collection.queries)) @ lexicon.documents(bags).T).toarray()
    documents = encoder.encode(collection.documents, tokens)
    queries = {"siamese": encoder.encode(collection.queries, 64), "free": encoder.free(collection.queries)}
    rows = [("BM25", *measures(bm25, collection))]
    for name, matrix in queries.items():
        scores = (matrix @ documents.T).toarray()
        rows.append((name, *measures(scores, collection)))
        rows.append((f"BM25 + {name}", *measures(scaled(bm25) + scaled(scores), collection)))
    sizes = {"document": documents.getnnz(1).mean()}
    for name, matrix in queries.items():
        sizes[name] = matrix.getnnz(1).mean()
        sizes[f"FLOPS {name}"] = flops(matrix, documents)
    return rows, sizes


def main():
    """Print one line a collection, one column a ranker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--split", choices=["test", "train"], default="test")
    parser.add_argument("--queries", type=int, default=0)
    parser.add_argument("--documents", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encoder = Encoder(options.model, options.device)
    for path in options.collections:
        collection = Collection(path, options.split, options.queries, options.documents)
        rows, sizes = evaluate(encoder, collection, options.tokens)
        print(f"{path.stem} ({len(collection.queries)} queries, {len(collection.ids)} documents)")
        print("  " + " | ".join(f"{name} {gain:.3f}/{recall:.3f}" for name, gain, recall in rows))
        print("  " + " | ".join(f"{name} {value:.2f}" for name, value in sizes.items()), flush=True)


if __name__ == "__main__":
    main()
