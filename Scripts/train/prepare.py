"""Turn the training pairs into one folder of arrays that train.py maps into memory.

    python prepare.py --pairs PAIRS --out DATA [--mix NAME=COUNT ...] [--hold-out 600]

PAIRS holds the unpacked `*.jsonl` files (fields query, positive, title). DATA receives token ids, the dense teacher's
query embeddings, BM25 matrices for the second teacher, the idf table, and `held-out.jsonl` for development.
A share of the pairs of prose sources becomes (sentence, rest of its passage), which gives longer, claim-like queries.
"""

import argparse
import json
import random
import re
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from lexical import Lexicon, stems
from teacher import Teacher

MIX = {
    "scitldr": 9999, "pubmedqa": 9999, "covid-qa": 9999, "xquad-en": 9999, "medquad": 10000,
    "squad-sentence-question": 12000, "dpr-distant": 11000, "wikinews-title-body": 10000,
    "opentrivia-question-page": 4000, "wikipedia-section": 34000, "wikipedia-title-lead": 11000,
    "simplewiki-title-lead": 4000,
}  # fmt: skip
PROSE = {
    "wikipedia-section", "wikipedia-title-lead", "simplewiki-title-lead", "wikinews-title-body", "pubmedqa", "scitldr",
}  # fmt: skip
FRAMES = (
    "I am looking for articles about {}.", "Please find documents that discuss {}.", "What is known about {}?",
    "Can you find any information on {}? I would like to read about methods and results.",
    "I would like to know more about {}, and anything related to it.", "Literature that deals with {}.",
    "We need papers concerning {}.", "Describe {}.",
)  # fmt: skip
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def sentence_pair(passage, long, rng):
    """One sentence of 6 to 30 words, or up to three in a row of at most 60, and the passage, usually without them.

    Nothing if the passage is too short. `long` is the share of queries of several sentences.
    """
    sentences = SENTENCE.split(passage)
    fit = [i for i, s in enumerate(sentences) if 6 <= len(s.split()) <= 30]
    if len(sentences) < 4 or not fit:
        return None
    first = last = rng.choice(fit)
    if len(sentences) > 4 and rng.random() < long:
        for _ in range(rng.choice((1, 2))):
            more = last + 1 < len(sentences) - 2
            if more and sum(len(s.split()) for s in sentences[first : last + 2]) <= 60:
                last += 1
    chosen = range(first, last + 1)
    rest = [s for i, s in enumerate(sentences) if i not in chosen or rng.random() < 0.2]
    return " ".join(sentences[first : last + 1]), " ".join(rest)


def request(query, rng):
    """The query inside the wordy frame in which people put a request to a librarian."""
    return rng.choice(FRAMES).format(query.rstrip(" .?"))


def read_pairs(folder, name, count, share, rng, long=0.0, frames=0.0):
    """Shuffled (query, passage) pairs of one source, at most `count`.

    `share` of the prose pairs become (sentence, rest), `long` of those have several sentences, and `frames` of the other
    pairs are put as a wordy request.
    """
    pairs = []
    for line in open(folder / f"{name}.jsonl"):
        row = json.loads(line)
        query, passage, title = row["query"].strip(), row["positive"].strip(), row.get("title") or ""
        if len(query) < 3 or len(passage) < 60:
            continue
        made = sentence_pair(passage, long, rng) if name in PROSE and rng.random() < share else None
        if made:
            query, passage = made
        elif not query.endswith("?") and rng.random() < frames:
            query = request(query, rng)
        if title and title.lower() not in passage.lower() and rng.random() < 0.5:
            passage = f"{title}. {passage}"
        pairs.append((query, passage))
    rng.shuffle(pairs)
    return pairs[:count]


def main():
    """Read, split, tokenise, embed the queries, weigh with BM25, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mix", nargs="*", default=[], help="NAME=COUNT, replaces the default mix")
    parser.add_argument("--sentences", type=float, default=0.3, help="share of prose pairs made from a sentence")
    parser.add_argument("--long", type=float, default=0.0, help="share of those of two or three sentences")
    parser.add_argument("--frames", type=float, default=0.0, help="share of titles and phrases put as a wordy request")
    parser.add_argument("--hold-out", type=int, default=600)
    parser.add_argument("--document-tokens", type=int, default=128)
    parser.add_argument("--query-tokens", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    rng, start = random.Random(options.seed), time.time()
    mix = dict(item.split("=") for item in options.mix) or MIX

    pairs = []
    for name, count in mix.items():
        made = read_pairs(options.pairs, name, int(count), options.sentences, rng, options.long, options.frames)
        pairs += [(*pair, name) for pair in made]
    rng.shuffle(pairs)
    held, pairs = pairs[: options.hold_out], pairs[options.hold_out :]
    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "held-out.jsonl", "w") as file:
        for query, passage, _ in held:
            file.write(json.dumps({"query": query, "positive": passage}, ensure_ascii=False) + "\n")
    queries, passages, sources = zip(*pairs)
    np.save(options.out / "sources.npy", np.array(sources))
    print(f"{len(pairs)} pairs, {time.time() - start:.0f} s", flush=True)

    teacher = Teacher(options.device)
    query_ids = teacher.tokenise(queries, options.query_tokens)
    document_ids = teacher.tokenise(passages, options.document_tokens)
    frequency = np.zeros(teacher.vocabulary, np.int64)
    for row in document_ids:
        frequency[np.unique(row)] += 1
    idf = np.log1p((len(pairs) - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    idf[teacher.special] = 0
    print(f"tokenised, {time.time() - start:.0f} s", flush=True)

    bags = stems(passages)
    lexicon = Lexicon.fit(bags)
    sp.save_npz(options.out / "bm25-documents.npz", lexicon.documents(bags), compressed=False)
    sp.save_npz(options.out / "bm25-queries.npz", lexicon.queries(stems(queries)), compressed=False)
    np.save(options.out / "queries.npy", query_ids)
    np.save(options.out / "documents.npy", document_ids)
    np.save(options.out / "idf.npy", idf)
    print(f"BM25, {time.time() - start:.0f} s", flush=True)
    np.save(options.out / "query-embeddings.npy", teacher.embed(query_ids, report=True))
    print(f"done, {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
