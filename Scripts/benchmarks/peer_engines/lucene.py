"""Runs Lucene.java with the Lucene inside a jar such as Anserini's."""
import pathlib
import shutil
import subprocess

from .timing import figures

HOW = ("give --lucene JAR, the anserini-…-fatjar.jar inside pyserini's source distribution "
       "(pip download --no-deps --no-binary :all: pyserini)")


class Lucene:
    """One JVM per call; its compiler warms up for some `seconds` of queries before the clock starts."""

    def __init__(self, jar, index):
        if not jar:
            raise RuntimeError(HOW)
        if not pathlib.Path(jar).is_file():
            raise RuntimeError(f"'{jar}' is no file; {HOW}")
        if not shutil.which("java"):
            raise RuntimeError("there is no java, 17 or newer, in the path")
        self.jar, self.index = jar, pathlib.Path(index)

    def call(self, *arguments, lines=None):
        process = subprocess.Popen(["java", "-Xmx4g", "-XX:+UseSerialGC", "-cp", str(self.jar),
                                    str(pathlib.Path(__file__).with_name("Lucene.java")), *map(str, arguments)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   encoding="utf-8")
        try:
            for line in lines or ():
                process.stdin.write(line + "\n")
        except BrokenPipeError:
            pass  # its own message, below, says more
        out, err = process.communicate()
        if process.returncode:
            raise RuntimeError((err.strip().splitlines() or ["java failed"])[0])
        return out

    def add_texts(self, documents):
        self.call("text", self.index, lines=(f"{name}\t{' '.join(text.split())}" for name, text in documents))

    def add_vectors(self, store):
        self.call("vectors", self.index, store.folder)

    def search(self, kind, queries, k, seconds=5):
        """Figures, and per query name the documents found; `queries` are (name, text) or (name, term:weight pairs)."""
        out = self.call("search", self.index, kind, k, seconds,
                        lines=[f"{name}\t{' '.join(text.split())}" for name, text in queries])
        rows = [line.split("\t") for line in out.split("\n") if line]
        return figures([int(row[1]) / 1e6 for row in rows]), {row[0]: row[2:] for row in rows}
