"""A corpus cut into pieces: files that apus reads, each with the place that its first line has in the corpus."""

import gzip
import hashlib
import json
import os
import shutil

LINES = (".jsonl", ".ndjson", ".tsv")
TEXTS = (".txt", ".md")


def sources(paths):
    """The files of a corpus in order, as (kind, path, folder)."""
    found = []
    for path in paths:
        if not os.path.exists(path):
            raise SystemExit(f"'{path}' does not exist. Check the path.")
        if not os.path.isdir(path):
            found.append((kind(path), path, None))
            continue
        names = []
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            names += [os.path.join(folder, name) for name in files if not name.startswith(".")]
        names.sort(key=lambda name: os.path.relpath(name, path).encode())
        corpus = os.path.join(path, "corpus.jsonl")
        if corpus in names or corpus + ".gz" in names:
            names = [name for name in names if name in (corpus, corpus + ".gz")][:1]
        texts = [name for name in names if kind(name) == "text"]
        if texts:
            found.append(("texts", texts, path))
        found += [(kind(name), name, None) for name in names if kind(name) in ("lines", "parquet")]
    if not found:
        raise SystemExit(f"'{paths[0]}' holds no .jsonl, .tsv, .parquet, .txt or .md file. Check the path.")
    return found


def kind(path):
    name = path.removesuffix(".gz")
    if name.endswith(".parquet"):
        return "parquet"
    if name.endswith(LINES):
        return "lines"
    return "text" if name.endswith(TEXTS) else None


def cut(source, folder, prefix, size):
    """Writes the pieces of a source into a folder that appears when all of them are there; again if that is asked again.

    Returns (path, source, first line, hash) of each piece; a folder of texts has no lines.
    """
    done = os.path.join(folder, prefix)
    if not os.path.isdir(done):
        attempt = f"{done}.{os.getpid()}.attempt"
        shutil.rmtree(attempt, ignore_errors=True)
        os.makedirs(attempt)
        try:
            if source[0] == "texts":
                _cut_texts(source, attempt, size)
            else:
                _cut_lines(source, attempt, size)
            try:
                os.rename(attempt, done)
            except OSError:
                # Another attempt was first.
                if not os.path.isdir(done):
                    raise
        finally:
            shutil.rmtree(attempt, ignore_errors=True)
    with open(os.path.join(done, "pieces.json")) as file:
        return [(os.path.join(done, name), origin, first, sha) for name, origin, first, sha in json.load(file)]


def sample(pieces, folder, count):
    """A file or folder with the first documents of a corpus, as many as a build agrees on its scale with."""
    target = os.path.join(folder, "sample")
    shutil.rmtree(target, ignore_errors=True)
    if pieces[0][2] is None:
        os.makedirs(target)
        for path, _, first, _ in pieces:
            if first is not None:
                continue
            for name in sorted(_files(path), key=lambda name: os.path.relpath(name, path).encode()):
                if count == 0:
                    return target
                place = os.path.join(target, os.path.relpath(name, path))
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(name, place)
                count -= 1
        return target
    path = target + os.path.splitext(pieces[0][0])[1]
    with open(path, "wb") as out:
        for piece, _, first, _ in pieces:
            if first is None:
                continue
            for line in _lines(piece):
                if not line.strip():
                    continue
                out.write(line if line.endswith(b"\n") else line + b"\n")
                count -= 1
                if count == 0:
                    return path
    return path


def _files(folder):
    for parent, _, names in os.walk(folder):
        yield from (os.path.join(parent, name) for name in names)


def _pieces(attempt, pieces):
    with open(os.path.join(attempt, "pieces.json"), "w") as file:
        json.dump([(name, source, first, sha.hexdigest()) for name, source, first, sha in pieces], file)


def _cut_lines(source, attempt, size):
    kind, path, _ = source
    pieces, out, count, first = [], None, 0, 1
    suffix = ".jsonl" if kind == "parquet" else os.path.splitext(path.removesuffix(".gz"))[1]
    number = 0
    for number, line in enumerate(_rows(path) if kind == "parquet" else _lines(path), 1):
        if out is None:
            name = f"{len(pieces):06d}{suffix}"
            pieces.append([name, path, number, hashlib.sha256()])
            out = open(os.path.join(attempt, name), "wb")
        out.write(line)
        pieces[-1][3].update(line)
        if number - pieces[-1][2] + 1 == size:
            out.close()
            out = None
    if out:
        out.close()
    _pieces(attempt, pieces)


def _lines(path):
    with gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb") as file:
        yield from file


def _rows(path):
    import pyarrow.parquet

    for batch in pyarrow.parquet.ParquetFile(path).iter_batches():
        for row in batch.to_pylist():
            row = {name: value for name, value in row.items() if value is not None}
            yield json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n"


def _cut_texts(source, attempt, size):
    _, names, folder = source
    pieces = []
    for start in range(0, len(names), size):
        piece = f"{len(pieces):06d}"
        sha = hashlib.sha256()
        pieces.append([piece, folder, None, sha])
        for name in names[start:start + size]:
            with open(name, "rb") as file:
                sha.update(f"{os.path.relpath(name, folder)} {os.path.getsize(name)}\n".encode() + file.read())
            target = os.path.join(attempt, piece, os.path.relpath(name, folder))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            try:
                os.link(name, target)
            except OSError:
                shutil.copyfile(name, target)
    _pieces(attempt, pieces)
