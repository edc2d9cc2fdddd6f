"""Measure a model folder on collections: siamese, inference-free, and both with BM25.

    python evaluate.py --model FOLDER COLLECTION ... [--split train --queries 150 --documents 1500] [--tokens 200]

A COLLECTION is a folder (corpus.jsonl, queries.tsv, qrels.txt; with --split train: queries.train.tsv,
qrels.train.txt) or a `held-out.jsonl` of prepare.py. --queries and --documents sample (relevant documents stay in).
The hybrid is a mean of min-max scores over the top 1,000, plain unless --weight is given. FLOPS is the expected number of shared terms.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from transformers import AutoTokenizer

from apus_encoder import ApusEncoder
from cached import scaled
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


def measures_by_query(scores, collection):
    """nDCG@10 and R@100 of each query by dense scores `[queries, documents]`; ties in document order."""
    gains, recalls = [], []
    for row, grades in zip(scores, collection.grades):
        top = [grades.get(collection.ids[i], 0) for i in np.argsort(-row, kind="stable")[:100]]
        ideal = sorted(grades.values(), reverse=True)[:10]
        gain = sum(g / np.log2(rank + 2) for rank, g in enumerate(top[:10]))
        gains.append(gain / sum(g / np.log2(rank + 2) for rank, g in enumerate(ideal)))
        recalls.append(sum(g > 0 for g in top) / len(grades))
    return np.array(gains), np.array(recalls)


def measures(scores, collection):
    """Mean nDCG@10 and R@100."""
    gains, recalls = measures_by_query(scores, collection)
    return float(gains.mean()), float(recalls.mean())


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


def vectors(encoder, collection, tokens, cache=None):
    """Documents and both kinds of queries as sparse matrices; kept in the folder `cache`, if given."""
    made = {
        "document": lambda: encoder.encode(collection.documents, tokens),
        "siamese": lambda: encoder.encode(collection.queries, 64),
        "free": lambda: encoder.free(collection.queries),
    }
    out = {}
    for name, make in made.items():
        path = cache and cache / f"{name}.npz"
        if path and path.exists():
            out[name] = sp.load_npz(path)
            continue
        out[name] = make()
        if path:
            cache.mkdir(parents=True, exist_ok=True)
            sp.save_npz(path, out[name])
    return out


def bm25_scores(collection):
    """BM25 of every query with every document, dense."""
    bags = stems(collection.documents)
    lexicon = Lexicon.fit(bags)
    return (lexicon.queries(stems(collection.queries)) @ lexicon.documents(bags).T).toarray()


def evaluate(encoder, collection, tokens, cache=None, weight=0.5):
    """Rows (name, nDCG@10, R@100) and the sizes of the vectors."""
    bm25 = bm25_scores(collection)
    made = vectors(encoder, collection, tokens, cache)
    documents = made.pop("document")
    rows = [("BM25", *measures(bm25, collection))]
    sizes = {"document": documents.getnnz(1).mean()}
    for name, matrix in made.items():
        scores = (matrix @ documents.T).toarray()
        rows.append((name, *measures(scores, collection)))
        mixed = (1 - weight) * scaled(bm25) + weight * scaled(scores)
        rows.append((f"BM25 + {name}", *measures(mixed, collection)))
        sizes[name] = matrix.getnnz(1).mean()
        sizes[f"FLOPS {name}"] = flops(matrix, documents)
    return rows, sizes


def encoder_of(options):
    """Torch's encoder, or Apus's where --apus names the program."""
    if options.apus:
        return ApusEncoder(options.apus, options.model, options.threads)
    return Encoder(options.model, options.device)


def main():
    """Print one line a collection, one column a ranker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--split", choices=["test", "train"], default="test")
    parser.add_argument("--queries", type=int, default=0)
    parser.add_argument("--documents", type=int, default=0)
    parser.add_argument("--apus", type=Path, help="encode with this apus program; the model is then a packed folder")
    parser.add_argument("--cache", type=Path, help="folder that keeps the vectors")
    parser.add_argument("--weight", type=float, default=0.5, help="the learned side's share of the hybrid")
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encoder = encoder_of(options)
    for path in options.collections:
        collection = Collection(path, options.split, options.queries, options.documents)
        rows, sizes = evaluate(
            encoder, collection, options.tokens, options.cache and options.cache / path.stem, options.weight
        )
        print(f"{path.stem} ({len(collection.queries)} queries, {len(collection.ids)} documents)")
        print("  " + " | ".join(f"{name} {gain:.3f}/{recall:.3f}" for name, gain, recall in rows))
        print("  " + " | ".join(f"{name} {value:.2f}" for name, value in sizes.items()), flush=True)


if __name__ == "__main__":
    main()
