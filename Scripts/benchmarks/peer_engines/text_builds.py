"""Text indexes of the engines of Scripts/benchmarks/bm25: how each is built, and builds whose cost can be told.

A build streams JSON lines from a file; `build` runs in a child process of its own (`workers.built`).
"""
import gzip
import json
import pathlib
import subprocess
import time

BIN = pathlib.Path(__file__).resolve().parents[3] / ".build/release"


def lines(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        yield from file


def documents(path):
    """Each document as (id, title and text)."""
    for line in lines(path):
        row = json.loads(line)
        yield row.get("_id", row.get("id")), (row.get("title", "") + " " + row["text"]).strip()


def streamed(path, folder):
    """`documents`, and a note of the CPU seconds and the time when the first is asked for: until then packages were loaded."""
    (folder / "began.json").write_text(json.dumps([time.process_time(), time.perf_counter()]))
    yield from documents(path)


def size(path):
    return sum(p.stat().st_size for p in pathlib.Path(path).rglob("*") if p.is_file())


def tantivy_index(texts, path, heap=500_000_000, threads=1, stored=False):
    """A tantivy index of words and their frequencies; `stored` keeps the texts too, as Apus does."""
    import tantivy
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", stored=stored, tokenizer_name="en_stem", index_option="freq")
    path.mkdir()
    index = tantivy.Index(builder.build(), path=str(path))
    writer = index.writer(heap_size=heap, num_threads=threads)
    for name, text in texts:
        writer.add_document(tantivy.Document(id=name, text=text))
    writer.commit()
    writer.wait_merging_threads()
    writer = index.writer(heap_size=100_000_000, num_threads=1)
    writer.garbage_collect_files()
    index.reload()
    return index


def pisa_index(texts, path):
    import pyterrier_pisa
    index = pyterrier_pisa.PisaIndex(str(path), stemmer="porter2", threads=1)
    if not path.exists():
        index.index({"docno": name, "text": text} for name, text in texts)
    return index


def bm25s_index(texts, path):
    """The engine and its stemmer; bm25s holds all texts and tokens at once."""
    import bm25s
    import Stemmer
    stemmer = Stemmer.Stemmer("english")
    tokens = bm25s.tokenize([text for _, text in texts], stopwords="en", stemmer=stemmer, show_progress=False)
    engine = bm25s.BM25(k1=0.9, b=0.4, method="lucene", backend="numba")
    engine.index(tokens, show_progress=False)
    engine.save(path)
    return engine, stemmer


class Reading:
    """What the builds in Python pay for reading the documents."""

    is_python = False

    def build(self, corpus, folder):
        for _ in documents(corpus):
            pass

    def bytes(self, folder):
        return 0


class ApusBuild:
    is_python = False

    def __init__(self, *flags):
        self.flags = flags

    def build(self, corpus, folder):
        subprocess.run([BIN / "apus", "index", corpus, "-o", folder / "index", "--model", "none", "--title-weight", "1", *self.flags], check=True,
                       stdout=subprocess.DEVNULL)

    def bytes(self, folder):
        return size(folder / "index")


class TantivyBuild:
    is_python = True

    def __init__(self, **settings):
        self.settings = settings

    def build(self, corpus, folder):
        tantivy_index(streamed(corpus, folder), folder / "index", **self.settings)

    def bytes(self, folder):
        return size(folder / "index")


class PISABuild:
    is_python = True

    def build(self, corpus, folder):
        # Bounds of blocks are computed for the first search.
        pisa_index(streamed(corpus, folder), folder / "index").bm25(k1=0.9, b=0.4, num_results=10, threads=1)

    def bytes(self, folder):
        return size(folder / "index")


class BM25SBuild:
    is_python = True

    def build(self, corpus, folder):
        bm25s_index(streamed(corpus, folder), folder / "index")

    def bytes(self, folder):
        return size(folder / "index")


BUILDS = {
    "reading the documents in Python": Reading(),
    "Apus, order kept, 1 thread": ApusBuild("--keep-order", "-t", "1"),
    "Apus, similar documents next to each other, 1 thread": ApusBuild("-t", "1"),
    "Apus, order kept": ApusBuild("--keep-order"),
    "Apus": ApusBuild(),
    "tantivy, 1 thread": TantivyBuild(),
    "tantivy, 1 thread, texts stored": TantivyBuild(stored=True),
    # The package's own defaults.
    "tantivy, its threads, texts stored": TantivyBuild(heap=128_000_000, threads=0, stored=True),
    "PISA, 1 thread": PISABuild(),
    "bm25s": BM25SBuild(),
}
