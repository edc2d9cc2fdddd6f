"""Learned-sparse vectors as flat files that every engine streams from, and the exact scores to judge answers by."""
import collections
import itertools
import json
import pathlib
from array import array

import numpy as np

# Name, type: documents and their postings, then the same by term. Terms are numbered in the order of their strings.
ARRAYS = {"documents.offsets": np.int64, "documents.terms": np.int32, "documents.weights": np.uint8,
          "lists.offsets": np.int64, "lists.documents": np.int32, "lists.weights": np.uint8}
CHUNK = 1 << 24


def whole(weights):
    """Whether weights are integers from 1 to 255 already."""
    return len(weights) == 0 or (weights.min() >= 1 and weights.max() <= 255 and not np.any(weights % 1))


def scaled(weights, largest):
    """round(weight × 255 / largest), at least 1, as every engine gets them."""
    return np.maximum(1, np.rint(weights * (255 / largest))).astype(np.uint8)


def read_queries(path, limit):
    """The first queries as (name, {term: integer weight}); empty ones are dropped."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in itertools.islice(file, limit):
            row = json.loads(line)
            vector = {term: weight for term, weight in row["vector"].items() if weight > 0}
            if vector:
                rows.append((str(row["id"]), vector))
    weights = np.array([weight for _, vector in rows for weight in vector.values()], np.float64)
    if not whole(weights):
        largest = weights.max()
        rows = [(name, dict(zip(vector, scaled(np.array(list(vector.values())), largest).tolist()))) for name, vector in rows]
    return rows


class VectorStore:
    """Vectors with integer weights on disk: 11 bytes per posting, mapped or read in pieces, never whole as Python objects."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        facts = json.loads((self.folder / "store.json").read_text())
        self.documents, self.postings, self.jsonl = facts["documents"], facts["postings"], pathlib.Path(facts["jsonl"])

    @staticmethod
    def prepared(folder, source):
        """The store of `source` (JSON lines, or the generator's docs.npz) in `folder`; made when it is not there yet."""
        folder, source = pathlib.Path(folder), pathlib.Path(source).resolve()
        facts = {"source": str(source), "bytes": source.stat().st_size, "changed": int(source.stat().st_mtime)}
        if (folder / "store.json").exists():
            found = json.loads((folder / "store.json").read_text())
            if any(found[key] != value for key, value in facts.items()):
                raise SystemExit(f"'{folder}' was made of '{found['source']}' as it was then, not of '{source}' as it is now; "
                                 "give another --work folder.")
            return VectorStore(folder)
        folder.mkdir(parents=True, exist_ok=True)
        terms, offsets, numbers, weights, unchanged = (from_npz if source.suffix == ".npz" else from_jsonl)(source, folder)
        invert(folder, terms, offsets, numbers, weights)
        facts |= {"documents": len(offsets) - 1, "postings": int(offsets[-1]),
                  "jsonl": str(source if unchanged else folder / "documents.jsonl")}
        for name in ("read.terms", "read.weights"):
            (folder / name).unlink(missing_ok=True)
        (folder / "store.json.tmp").write_text(json.dumps(facts))
        (folder / "store.json.tmp").rename(folder / "store.json")
        return VectorStore(folder)

    def array(self, name):
        return np.memmap(self.folder / name, ARRAYS[name], "r")

    def lines(self, name):
        return (self.folder / name).read_text(encoding="utf-8").split("\n")[:-1]

    def pieces(self, size=20_000):
        """(names, offsets from 0, terms, weights) of the next documents, read without mapping: a map would count as memory."""
        offsets = np.fromfile(self.folder / "documents.offsets", np.int64)
        with (open(self.folder / "documents.names", encoding="utf-8") as names,
              open(self.folder / "documents.terms", "rb") as terms, open(self.folder / "documents.weights", "rb") as weights):
            for start in range(0, self.documents, size):
                some = offsets[start:start + size + 1] - offsets[start]
                count = int(some[-1])
                yield ([next(names)[:-1] for _ in range(len(some) - 1)], some, np.fromfile(terms, np.int32, count),
                       np.fromfile(weights, np.uint8, count))

    def vectors(self):
        """Each document as (name, {term: weight})."""
        strings = self.lines("terms")
        for names, offsets, terms, weights in self.pieces():
            words, weights = [strings[term] for term in terms.tolist()], weights.tolist()
            for row, name in enumerate(names):
                start, end = offsets[row], offsets[row + 1]
                yield name, dict(zip(words[start:end], weights[start:end]))

    def written_jsonl(self):
        """The documents as JSON lines: the source itself when its weights were integers already."""
        if not self.jsonl.exists():
            temporary = self.jsonl.with_suffix(".tmp")
            with open(temporary, "w", encoding="utf-8") as file:
                for name, vector in self.vectors():
                    file.write(json.dumps({"id": name, "vector": vector}) + "\n")
            temporary.rename(self.jsonl)
        return self.jsonl


def from_jsonl(source, folder):
    """Terms by number as first met, and the arrays; documents without a positive weight are dropped."""
    numbers = collections.defaultdict()
    numbers.default_factory = numbers.__len__
    offsets, terms, weights = array("q", [0]), array("i"), array("f")
    count, is_whole, largest = 0, True, 0.0
    with (open(source, encoding="utf-8") as lines, open(folder / "documents.names", "w", encoding="utf-8") as names,
          open(folder / "read.terms", "wb") as term_file, open(folder / "read.weights", "wb") as weight_file):
        def flush():
            nonlocal is_whole, largest, terms, weights
            some = np.frombuffer(weights, np.float32)
            is_whole, largest = is_whole and whole(some), max(largest, some.max(initial=0))
            terms.tofile(term_file)
            weights.tofile(weight_file)
            terms, weights = array("i"), array("f")

        for line in lines:
            row = json.loads(line)
            vector = row["vector"]
            if not vector or min(vector.values()) <= 0:
                vector = {term: weight for term, weight in vector.items() if weight > 0}
                if not vector:
                    continue
            terms.extend(map(numbers.__getitem__, vector))
            weights.extend(vector.values())
            count += len(vector)
            offsets.append(count)
            names.write(f"{row['id']}\n")
            if len(terms) > 1 << 22:
                flush()
        flush()
    if not count:
        raise SystemExit(f"'{source}' has no vectors with weights above 0.")
    read = np.fromfile(folder / "read.weights", np.float32)
    small = np.empty(len(read), np.uint8)
    for start in range(0, len(read), CHUNK):
        piece = read[start:start + CHUNK]
        small[start:start + CHUNK] = piece if is_whole else scaled(piece, largest)
    del read
    return list(numbers), np.array(offsets), np.fromfile(folder / "read.terms", np.int32), small, is_whole


def from_npz(source, folder):
    made = np.load(source)
    (folder / "documents.names").write_text("".join(f"{name}\n" for name in made["ids"]))
    numbers = made["indices"]
    used = np.unique(np.concatenate([np.unique(numbers[start:start + CHUNK]) for start in range(0, len(numbers), CHUNK)]))
    place = np.zeros(int(used[-1]) + 1, np.int32)
    place[used] = np.arange(len(used), dtype=np.int32)
    for start in range(0, len(numbers), CHUNK):
        numbers[start:start + CHUNK] = place[numbers[start:start + CHUNK]]
    return [str(term) for term in used], made["indptr"], numbers, made["data"], False


def invert(folder, terms, offsets, numbers, weights):
    """Writes the arrays of the store, documents and lists, with terms renumbered in string order."""
    from scipy.sparse import csr_matrix
    order = sorted(range(len(terms)), key=lambda number: terms[number].encode())
    (folder / "terms").write_text("".join(f"{terms[number]}\n" for number in order), encoding="utf-8")
    place = np.empty(len(terms), np.int32)
    place[order] = np.arange(len(terms), dtype=np.int32)
    for start in range(0, len(numbers), CHUNK):
        numbers[start:start + CHUNK] = place[numbers[start:start + CHUNK]]
    lists = csr_matrix((weights, numbers, offsets), shape=(len(offsets) - 1, len(terms))).tocsc()
    del weights, numbers
    lists.indptr.astype(np.int64).tofile(folder / "lists.offsets")
    lists.indices.astype(np.int32, copy=False).tofile(folder / "lists.documents")
    lists.data.tofile(folder / "lists.weights")
    rows = lists.tocsr()
    rows.indptr.astype(np.int64).tofile(folder / "documents.offsets")
    rows.indices.astype(np.int32, copy=False).tofile(folder / "documents.terms")
    rows.data.tofile(folder / "documents.weights")


class Oracle:
    """Exact scores over the inverted lists, for the share of the k best that an engine finds."""

    def __init__(self, store, queries):
        self.queries = queries
        self.term = {term: number for number, term in enumerate(store.lines("terms"))}
        self.number = {name: number for number, name in enumerate(store.lines("documents.names"))}
        self.offsets = store.array("lists.offsets")
        self.documents, self.weights = store.array("lists.documents"), store.array("lists.weights")

    def scores(self, vector):
        total = np.zeros(len(self.number), np.int32)
        for term, weight in vector.items():
            number = self.term.get(term)
            if number is not None:
                span = slice(self.offsets[number], self.offsets[number + 1])
                total[self.documents[span]] += self.weights[span].astype(np.int32) * weight
        return total

    def shares(self, answers, k):
        """Per engine, the share of returned documents that reach the k-th best score, so that ties are no errors."""
        found, wanted = collections.Counter(), 0
        for index, (_, vector) in enumerate(self.queries):
            scores = self.scores(vector)
            depth = min(k, int(np.count_nonzero(scores)))
            if depth == 0:
                continue
            kth = np.partition(scores, -depth)[-depth]
            wanted += depth
            for label, lists in answers.items():
                found[label] += sum(int(scores[self.number[name]]) >= kth for name in set(lists[index][:depth]))
        return {label: found[label] / max(1, wanted) for label in answers}
