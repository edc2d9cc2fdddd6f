"""Engines of learned-sparse vectors: how each builds its index from a VectorStore, and answers queries from it.

An engine names the variants that search one index; `build` runs in a child process of its own, so that its CPU time and
peak memory can be told, `open` and `run` in another that stays for all rounds. `run` gives the figures of all queries in
milliseconds and, per query, the names found, best first.
"""
import json
import pathlib
import subprocess

import numpy as np

from .lucene import Lucene
from .timing import PISACalls, timed

BIN = pathlib.Path(__file__).resolve().parents[3] / ".build/release"


def size(*files):
    return sum(file.stat().st_size for file in files)


def apus_bytes(folder):
    """The segments of the newest commit."""
    newest = max(folder.glob("commit-*.json"), key=lambda path: int(path.stem.split("-")[1]))
    commit = json.loads(newest.read_text().splitlines()[0])
    return size(*{folder / segment["file"] for segment in commit["segments"]})


class Apus:
    """Timed by apus-bench, which replays every query exhaustively first and stops at a difference."""

    variants = {"Apus": "automatic", "Apus, exhaustive": "exhaustive"}

    def build(self, store, folder):
        subprocess.run([BIN / "apus", "index", "--vectors", store.written_jsonl(), "-o", folder / "index"], check=True,
                       stdout=subprocess.DEVNULL)

    def open(self, folder, queries):
        self.index, self.queries, self.found = folder / "index", queries, {}
        self.topics = folder.parent / "queries.jsonl"
        self.topics.write_text("".join(json.dumps({"id": name, "vector": vector}) + "\n" for name, vector in queries),
                               encoding="utf-8")

    def run(self, traversal, k):
        table = subprocess.run([BIN / "apus-bench", "latency", self.index, "--query-vectors", self.topics, "-k", str(k),
                                "--rounds", "1", "--traversals", traversal], check=True, capture_output=True, text=True)
        row = next(line for line in table.stdout.splitlines() if line.startswith("| learned"))
        if (traversal, k) not in self.found:
            self.found[traversal, k] = self.names(traversal, k)
        return [float(cell) for cell in row.split("|")[4:8]], self.found[traversal, k]

    def names(self, traversal, k):
        run = subprocess.run([BIN / "apus", "search", self.index, "--query-vectors", self.topics, "-k", str(k), "--mode",
                              "splade", "--traversal", traversal], check=True, capture_output=True, text=True).stdout
        found = {name: [] for name, _ in self.queries}
        for line in run.splitlines():
            parts = line.split()
            found[parts[0]].append(parts[2])
        return list(found.values())

    def bytes(self, folder):
        return apus_bytes(folder / "index")


class BMP:
    variants = {"BMP 0.2.8": None}

    def build(self, store, folder):
        import bmp
        indexer = bmp.Indexer(str(folder / "index.bmp"), 32, False)
        for name, vector in store.vectors():
            indexer.add_document(name, vector)
        indexer.finish()

    def open(self, folder, queries):
        import bmp
        self.searcher, self.queries = bmp.Searcher(str(folder / "index.bmp")), [vector for _, vector in queries]

    def run(self, _, k):
        return timed(self.queries, lambda vector: self.searcher.search(vector, k, 1.0, 1.0)[0])

    def bytes(self, folder):
        return size(folder / "index.bmp")


class Seismic:
    """`postings` is the mean length that lists are cut to; the package's own default is 3,500."""

    def __init__(self, postings):
        self.postings = postings
        self.variants = {f"Seismic, {postings} a list, cut {cut}, factor {factor}": (cut, factor)
                         for cut, factor in ((10, 0.7), (20, 0.9))}

    def build(self, store, folder):
        from seismic import SeismicDataset, SeismicIndex
        dataset = SeismicDataset()
        for names, offsets, terms, weights in store.pieces():
            dataset.add_documents_by_id(names, terms.astype(np.int64), weights.astype(np.float32), offsets)
        index = SeismicIndex.build_from_dataset(dataset, n_postings=self.postings)
        index.save(str(folder / "seismic"))

    def open(self, folder, queries):
        from seismic import SeismicIndex, get_seismic_string
        self.index = SeismicIndex.load(str(folder / "seismic.index.seismic"))
        number = {term: str(number) for number, term in enumerate((folder.parent / "terms").read_text().split("\n")[:-1])}
        self.queries = []
        for name, vector in queries:
            known = {number[term]: weight for term, weight in vector.items() if term in number}
            self.queries.append((name, np.array(list(known), dtype=get_seismic_string()),
                                 np.array(list(known.values()), np.float32)))

    def run(self, variant, k):
        cut, factor = variant
        figures, answers = timed(self.queries, lambda query: self.index.search(
            query_id=query[0], query_components=query[1], query_values=query[2], k=k, query_cut=cut, heap_factor=factor))
        return figures, [[hit[2] for hit in hits] for hits in answers]

    def bytes(self, folder):
        return size(*folder.glob("seismic*"))


class PISA:
    """Its files are written from the store's lists: the package's own indexer takes Python's numbers one by one."""

    variants = {"PISA MaxScore": "maxscore", "PISA block-max WAND": "block_max_wand"}

    def build(self, store, folder):
        from pyterrier_pisa import _pisathon
        index = folder / "index"
        index.mkdir()
        offsets, documents, weights = (np.fromfile(store.folder / name, store_type) for name, store_type in (
            ("lists.offsets", np.int64), ("lists.documents", np.uint32), ("lists.weights", np.uint8)))
        with open(index / "inv.docs", "wb") as docs, open(index / "inv.freqs", "wb") as freqs:
            np.array([1, store.documents], np.uint32).tofile(docs)
            for start, end in zip(offsets[:-1], offsets[1:]):
                for file, values in ((docs, documents), (freqs, weights)):
                    np.array([end - start], np.uint32).tofile(file)
                    values[start:end].astype(np.uint32, copy=False).tofile(file)
        del documents, weights
        lengths = [np.add.reduceat(weights.astype(np.uint32), piece[:-1]) for _, piece, _, weights in store.pieces()]
        np.concatenate([np.array([store.documents], np.uint32), *lengths]).astype(np.uint32).tofile(index / "inv.sizes")
        for name, source in (("fwd.terms", "terms"), ("fwd.documents", "documents.names")):
            (index / name).write_bytes((store.folder / source).read_bytes())
        _pisathon.build_binlex(str(index / "fwd.documents"), str(index / "fwd.doclex"))
        _pisathon.build_binlex(str(index / "fwd.terms"), str(index / "fwd.termlex"))
        (index / "pt_meta.json").write_text(json.dumps(
            {"type": "sparse_index", "format": "pisa", "package_hint": "pyterrier-pisa", "stemmer": "none"}))
        self.retriever(folder, "maxscore", 10)  # compresses

    def retriever(self, folder, algorithm, k):
        import pyterrier_pisa
        index = pyterrier_pisa.PisaIndex(str(folder / "index"), stemmer="none", threads=1)
        return index.quantized(num_results=k, threads=1, query_algorithm=algorithm, query_weighted=True, toks_scale=1.0)

    def open(self, folder, queries):
        self.folder = folder
        self.queries = [{term: float(weight) for term, weight in vector.items()} for _, vector in queries]

    def run(self, algorithm, k):
        return PISACalls(self.retriever(self.folder, algorithm, k), self.queries, {"\n": 1.0}, True).run()

    def bytes(self, folder):
        # The lists before compression are of no use to a search.
        return size(*(path for path in (folder / "index").iterdir() if "block_simdbp" in path.name or ".bmw" in path.name))


class LuceneImpacts:
    """Lucene's feature fields: BM25's block maxima, over impacts."""

    variants = {"Lucene impacts": None}

    def __init__(self, jar):
        self.jar = jar

    def build(self, store, folder):
        Lucene(self.jar, folder / "index").add_vectors(store)

    def open(self, folder, queries):
        self.engine, self.names = Lucene(self.jar, folder / "index"), [name for name, _ in queries]
        self.queries = [(name, " ".join(f"{term}:{weight}" for term, weight in vector.items())) for name, vector in queries]

    def run(self, _, k):
        figures, found = self.engine.search("vectors", self.queries, k)
        return figures, [found[name] for name in self.names]

    def bytes(self, folder):
        return size(*(folder / "index").iterdir())
