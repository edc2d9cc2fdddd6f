"""Development pools and training pools, as collections: corpus.jsonl, queries.tsv, qrels.txt.

    python pools.py --shared ../../../shared --packages PACKAGES --out POOLS

POOLS/dev/NAME are what choices are made on, POOLS/train/NAME what the query side learns from; no query or judgement of a
shared test collection is in either. PACKAGES are Debian's descriptions in English (`Translation-en`, unpacked). The kinds of
queries are those that people make of documents without a language model: titles, questions and claims as the sources have
them, and from a passage a sentence, its rarest words, several sentences, and a wordy frame around a title.
"""

import argparse
import gzip
import json
import lzma
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
WORD = re.compile(r"\w\w+")
FRAMES = [
    "I am looking for material about {}.",
    "What has been written on {}?",
    "Information on {} and on related questions would be of interest.",
    "Please find descriptions of {}, with applications where there are any.",
    "Which texts deal with {}? General overviews as well as details are wanted.",
]
# Sources whose pairs are held out by source for development: name, pairs of the pool, queries asked.
HELD = ["medquad", "pubmedqa", "scitldr", "covid-qa", "wikinews-title-body", "dpr-distant"]
TRAINED = {"medquad": 1200, "pubmedqa": 800, "scitldr": 2000, "covid-qa": 500, "wikinews-title-body": 1200, "dpr-distant": 2000}


def read(shared, name):
    """The pairs of a training source."""
    with lzma.open(shared / "training" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def passage(pair):
    """Title and text, the title only where the text does not have it."""
    title, text = pair.get("title") or "", pair["positive"]
    return text if title.lower() in text.lower() else f"{title}. {text}"


def packages(path):
    """(synopsis, long description) of each package, one for each different description."""
    out, seen = [], set()
    for entry in path.read_text(encoding="utf-8").split("\n\n"):
        at = entry.find("\nDescription-en: ")
        if at < 0:
            continue
        first, *rest = entry[at + 17 :].split("\n")
        text = " ".join(line.strip() for line in rest if line.startswith(" ") and line.strip() != ".")
        key = text[:80]
        if len(text.split()) >= 25 and len(first.split()) >= 3 and key not in seen:
            seen.add(key)
            out.append((re.sub(r"\s*[-(–].*$", "", first) if len(first.split()) > 9 else first, text))
    return out


class Pool:
    """Documents and judged queries, written as a collection."""

    def __init__(self):
        self.documents, self.queries, self.grades, self.count = {}, {}, defaultdict(dict), 0

    def document(self, text):
        name, self.count = f"d{self.count}", self.count + 1
        self.documents[name] = " ".join(text.split())
        return name

    def query(self, text, wanted, kind):
        name = f"{kind}{len(self.queries)}"
        self.queries[name] = " ".join(text.split())
        self.grades[name] = wanted if isinstance(wanted, dict) else dict.fromkeys(wanted, 1)

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "corpus.jsonl", "w", encoding="utf-8") as file:
            for name, text in self.documents.items():
                file.write(json.dumps({"_id": name, "text": text}, ensure_ascii=False) + "\n")
        with open(folder / "queries.tsv", "w", encoding="utf-8") as file:
            file.writelines(f"{name}\t{text}\n" for name, text in self.queries.items())
        with open(folder / "qrels.txt", "w", encoding="utf-8") as file:
            for query, grades in self.grades.items():
                file.writelines(f"{query} 0 {document} {grade}\n" for document, grade in grades.items())
        print(f"{folder}: {len(self.documents)} documents, {len(self.queries)} queries", flush=True)


def judged(folder, split=""):
    """Queries and grades above 0 of a collection's split."""
    texts = dict(line.rstrip("\n").split("\t")[:2] for line in open(folder / f"queries{split}.tsv", encoding="utf-8"))
    grades = defaultdict(dict)
    for line in open(folder / f"qrels{split}.txt", encoding="utf-8"):
        query, _, document, grade = line.split()
        if int(grade) > 0:
            grades[query][document] = int(grade)
    return texts, grades


def scifact(shared, rng):
    """The training claims of scifact over its whole corpus."""
    pool, names = Pool(), {}
    for line in open(shared / "collections/scifact/corpus.jsonl", encoding="utf-8"):
        row = json.loads(line)
        names[row["_id"]] = pool.document(f"{row.get('title') or ''} {row['text']}")
    texts, grades = judged(shared / "collections/scifact", ".train")
    for key in rng.sample(sorted(k for k in texts if k in grades), 500):
        pool.query(texts[key], {names[d]: g for d, g in grades[key].items()}, "claim")
    return pool


def leads(shared, rng, asked, others, first):
    """A slice of wiki-fever's claims over what they want and others of the `first` leads; then leads for training."""
    rows = [json.loads(line) for line in gzip.open(shared / "collections/wiki-leads/corpus.jsonl.gz", "rb")]
    place = {row["_id"]: i for i, row in enumerate(rows)}
    texts, grades = judged(shared / "collections/wiki-fever")
    keys = [k for k in sorted(texts) if k in grades and all(d in place for d in grades[k])]
    keys = rng.sample(keys, asked)
    wanted = {d for key in keys for d in grades[key]}
    rest = [row["_id"] for row in rows[:first] if row["_id"] not in wanted]
    rng.shuffle(rest)
    pool, names = Pool(), {}
    for name in sorted(wanted, key=place.get) + rest[:others]:
        row = rows[place[name]]
        names[name] = pool.document(f"{row.get('title') or ''} {row['text']}")
    for key in keys:
        pool.query(texts[key], {names[d]: g for d, g in grades[key].items()}, "claim")
    return pool, [rows[place[name]] for name in rest[others : others + 4000]]


def sections(rows, rng, articles, asked, strangers):
    """Sections as queries, the article's other sections wanted: a request of a paragraph."""
    pool = Pool()
    for i, title in enumerate(articles):
        names = [(row, pool.document(row["positive"])) for row in rows[title]]
        if i < asked:
            row, own = max(names, key=lambda item: len(item[0]["positive"]))
            pool.query(row["positive"], [name for _, name in names if name != own], "paragraph")
            del pool.documents[own]
    for title in strangers:
        pool.document(rows[title][0]["positive"])
    return pool


def rare_words(text, frequency, rng):
    """Three to six of a passage's rarest words that are not unique, in the passage's order."""
    words = [w for w in dict.fromkeys(WORD.findall(text)) if not w.isdigit()]
    best = sorted(words, key=lambda w: frequency[w.lower()])[: rng.randint(3, 6)]
    return " ".join(w for w in words if w in best)


def made(text, frequency, rng):
    """A query made of a passage, with its kind; None where the passage is too short for it."""
    parts = [p for p in SENTENCE.split(text) if len(p.split()) >= 5]
    kind = rng.choices(["sentence", "words", "several", "cloze"], [0.35, 0.2, 0.3, 0.15])[0]
    if not parts:
        return None
    if kind == "words":
        return rare_words(text, frequency, rng), kind
    if kind == "sentence":
        return rng.choice(parts), kind
    if kind == "cloze":
        words = rng.choice(parts).split()
        return " ".join(w for w in words if rng.random() > 0.3), kind
    at = rng.randrange(len(parts))
    return " ".join(parts[at : at + rng.randint(2, 4)]), kind


def training_pool(pairs, rng, each):
    """A pool of (query, passage, kind) with up to `each` further made queries a passage."""
    pool = Pool()
    frequency = Counter(w.lower() for _, text, _ in pairs for w in set(WORD.findall(text)))
    for query, text, kind in pairs:
        name = pool.document(text)
        if query:
            if kind == "title" and rng.random() < 0.25:
                query, kind = rng.choice(FRAMES).format(query), "frame"
            pool.query(query, [name], kind)
        for _ in range(each):
            other = made(text, frequency, rng)
            if other:
                pool.query(other[0], [name], other[1])
    return pool


def main():
    """Write every pool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    shared, rng = options.shared, random.Random(options.seed)
    dev, train = options.out / "dev", options.out / "train"

    scifact(shared, rng).write(dev / "scifact-train")
    pool, spare = leads(shared, rng, 400, 10000, 16000)
    pool.write(dev / "fever")
    training_pool([(row["title"], f"{row['title']} {row['text']}", "title") for row in spare], rng, 1).write(train / "leads")

    rows = defaultdict(list)
    for row in read(shared, "wikipedia-section"):
        if row.get("title"):
            rows[row["title"]].append(row)
    several = sorted(t for t in rows if len(rows[t]) >= 4 and min(len(r["positive"].split()) for r in rows[t]) >= 40)
    single = sorted(t for t in rows if len(rows[t]) == 1)
    rng.shuffle(several)
    rng.shuffle(single)
    sections(rows, rng, several[:300], 300, single[:2500]).write(dev / "paragraphs")
    sections(rows, rng, several[300:1700], 1400, single[2500:3500]).write(train / "paragraphs")

    development = Pool()
    for name in HELD:
        pairs = [p for p in read(shared, name) if len(p["positive"].split()) >= 20]
        rng.shuffle(pairs)
        for i, pair in enumerate(pairs[: 200 if name == "pubmedqa" else 600]):
            found = development.document(passage(pair))
            if i < 100:
                development.query(pair["query"], [found], name + "-")
        rest = pairs[200 if name == "pubmedqa" else 600 :][: TRAINED[name]]
        kind = "title" if "title" in name else "question"
        training_pool([(p["query"], passage(p), kind) for p in rest], rng, 1).write(train / name)
    development.write(dev / "sources")

    described = packages(options.packages)
    rng.shuffle(described)
    pool = Pool()
    for i, (synopsis, text) in enumerate(described[:2500]):
        name = pool.document(text)
        if i < 400:
            pool.query(synopsis, [name], "synopsis")
    pool.write(dev / "packages")
    training_pool([(s, t, "title") for s, t in described[2500:5000]], rng, 1).write(train / "packages")


if __name__ == "__main__":
    main()
