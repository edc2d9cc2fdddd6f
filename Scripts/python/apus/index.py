"""An index: opened, searched, built, changed."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Mapping
from ctypes import POINTER, byref, c_void_p
from typing import Any, Iterable, Sequence, Union

import numpy as np

from . import _documents, _library
from ._arrays import PackedMatrix, PackedStrings, article, names, whole
from ._interruption import Cancellation, interruptible
from ._library import BatchBlock, Handle, HitsBlock, check, opened, text, told
from .batch import BatchHits
from .hits import Hits

Path = Union[str, "os.PathLike[str]"]
_HITS, _BATCH = POINTER(HitsBlock), POINTER(BatchBlock)


class _Opened:
    """One commit of an index. Whoever searches holds it, so closing an index ends no search."""

    __slots__ = ("handle", "library", "_count")

    def __init__(self, handle: Handle, library: Any) -> None:
        self.handle = handle
        self.library = library
        self._count: int | None = None

    @property
    def info(self) -> dict[str, Any]:
        return json.loads(told(self.library.apus_index_info, self.handle.pointer))

    @property
    def count(self) -> int:
        """Documents."""
        if self._count is None:
            self._count = self.info["documents"]
        return self._count

    def documents(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        packed = PackedStrings(ids, "id")
        return json.loads(told(_library.library().apus_documents, self.handle.pointer, packed.pointer))


class Index:
    """An index at one commit; `refresh`, `add`, `update` and `delete` step to the newest one.

        index = apus.Index.open("Indexes/mine")
        for hit in index.search("why do stars shine", k=10):
            print(hit.id, hit.score, hit.title, hit.text)

    It may be searched on many threads at once. Options of searches are those of `apus search`: mode ("bm25", "splade", "hybrid",
    "fused"), filter, boosts, depth, fusion, weight, k1, b, idf_power, query_side, feedback, query_terms, ranges, deadline_ms,
    traversal, threads, verify.
    """

    def __init__(self, path: Path, opened: _Opened, settings: dict[str, Any]) -> None:
        self.path = os.fspath(path)
        self._opened: _Opened | None = opened
        self._settings = settings
        self._options: dict[Any, Handle] = {}
        #: What the last build or change did.
        self.report: dict[str, Any] = {}

    # Opening

    @classmethod
    def open(cls, path: Path, *, model: str | None = None, force: bool = False, commit: int | None = None) -> "Index":
        """Opens the newest commit, or the one with this number.

        model: the encoder's folder, where it moved; force: accept another encoder than the index was built with.
        """
        library = _library.library()
        settings = {"model": model, "force": force, "commit": commit}
        handle = opened(
            library.apus_index_open, library.apus_index_close, _path(path), _json(settings))
        return cls(path, _Opened(handle, library), settings)

    def refresh(self) -> "Index":
        """Steps to the newest commit; answers given before stay as they are."""
        old = self._alive()
        handle = opened(old.library.apus_index_refresh, old.library.apus_index_close, old.handle.pointer)
        self._opened = _Opened(handle, old.library)
        return self

    def close(self) -> None:
        """Closes it; searches that run on other threads end in peace."""
        self._opened = None

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        return _reopen, (self.path, self._settings)

    def _alive(self) -> _Opened:
        found = self._opened
        if found is None:
            raise _library.ApusError(f"The index '{self.path}' is closed. Open it again.")
        if _library._Loading.forked_from:
            _library.library()
        return found

    @property
    def info(self) -> dict[str, Any]:
        """What it is: directory, documents, commit, segments, model, analyzer, mode, notes."""
        return self._alive().info

    def __len__(self) -> int:
        return self._alive().count

    def __repr__(self) -> str:
        return f"Index({self.path!r}, closed)" if self._opened is None else f"Index({self.path!r}, {len(self)} documents)"

    # Searching

    def search(self, query: str, k: int = 10, *, vector: Mapping[str, float] | None = None, **options: Any) -> Hits:
        """The k best documents.

        vector: the learned query as {term: weight}, where another encoder made it.
        """
        found = self._alive()
        library = found.library
        if type(query) is not str:
            raise TypeError(f"The query is {article(query)}; give a text.")
        if type(k) is not int or k < 1:
            k = whole(k, "k")
        encoded = query.encode()
        settings = self._handle(options) if options else None
        asked = settings and settings.pointer
        hits, error = _HITS(), c_void_p()
        if vector is None:
            status = library.apus_search(
                found.handle.pointer, encoded, len(encoded), None, k, asked, byref(hits), byref(error))
        else:
            terms = PackedStrings(vector.keys(), "term")
            weights = np.fromiter(vector.values(), dtype=np.float32, count=len(terms))
            learned = _library.Vector(terms.value, weights.ctypes.data)
            status = library.apus_search(
                found.handle.pointer, encoded, len(encoded), byref(learned), k, asked, byref(hits), byref(error))
        if status:
            check(status, error)
        block = hits.contents
        count = block.count
        if count:
            ids = ctypes.string_at(block.ids, block.ids_length - 1).decode().split("\0")
            scores = np.frombuffer(ctypes.string_at(block.scores, count * 8)).tolist()
        else:
            ids, scores = [], []
        notes = block.notes
        answer = Hits(found, ids, scores, block.tag.decode(), notes.decode().split("\n") if notes else [], block.exact)
        library.apus_hits_free(hits)
        return answer

    def batch_search(
        self, queries: Any, k: int = 10, *, topics: Sequence[str] | None = None, vectors: Any = None,
        vocabulary: Any = None, threads: int = 1, **options: Any
    ) -> BatchHits:
        """Answers many queries, on some threads.

        queries: texts, {id: text}, or a pandas table with qid and query. vectors: a matrix with one row of learned terms a query, and
        vocabulary its columns' names.
        """
        found = self._alive()
        library = found.library
        ids, texts = _queries(queries, topics)
        # No row is longer than the index.
        k, threads = min(whole(k, "k"), max(1, found.count)), whole(threads, "threads")
        packed, named = PackedStrings(texts, "query"), PackedStrings(ids, "topic")
        matrix = None if vectors is None else PackedMatrix(vectors)
        terms = None if matrix is None else names(vocabulary, matrix.shape[1])
        settings = self._handle(options) if options else None
        scores = np.empty((len(packed), k))
        counts = np.zeros(len(packed), dtype=np.int64)

        def call(stop: Cancellation) -> BatchHits:
            batch, error = _BATCH(), c_void_p()
            status = library.apus_batch_search(
                found.handle.pointer, packed.pointer, named.pointer, matrix and matrix.pointer, terms and terms.pointer, k,
                settings and settings.pointer, threads, stop.handle.pointer, scores.ctypes.data, counts.ctypes.data,
                byref(batch), byref(error))
            check(status, error)
            block = batch.contents
            notes = block.notes.decode().split("\n") if block.notes else []
            answer = BatchHits(
                found, ids, scores, counts, ctypes.string_at(block.ids, block.ids_length), block.tag.decode(), notes,
                block.seconds, block.inexact)
            library.apus_batch_free(batch)
            return answer

        return interruptible(call)

    def explain(self, query: str, document: str, **options: Any) -> dict[str, Any]:
        """Why a document scores as it does: mode, score, notes, and each field's terms with weights and products."""
        found = self._alive()
        encoded = query.encode()
        settings = self._handle(options) if options else None
        return json.loads(told(
            found.library.apus_explain, found.handle.pointer, encoded, len(encoded), _terminated(document, "document"),
            settings and settings.pointer))

    def documents(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Documents by id, {id, title, text, metadata}; ids that no document has are left out."""
        return self._alive().documents(list(ids))

    def _handle(self, options: dict[str, Any]) -> Handle:
        """Options as the library reads them, read once for many searches; the caller holds them while it searches."""
        try:
            key: Any = tuple(sorted(options.items()))
            handle = self._options.get(key)
        except TypeError:  # A list of boosts.
            key = json.dumps(options, sort_keys=True)
            handle = self._options.get(key)
        if handle is None:
            library = _library.library()
            handle = opened(library.apus_options_new, library.apus_options_free, _json(options))
            if len(self._options) >= 64:
                self._options.clear()
            self._options[key] = handle
        return handle

    # Building and changing

    @classmethod
    def build(
        cls, path: Path, documents: Any, *, vectors: Any = None, vocabulary: Any = None, existing: str = "refuse",
        **options: Any
    ) -> "Index":
        """Builds an index and opens it.

        documents: a path or several (what `apus index` reads), or documents one after another: dicts with an id and a text, (id, text),
        (id, title, text), {id: text}, a pandas table. vectors: a matrix with one row a document, and vocabulary its columns' names;
        then documents may be ids alone. existing: refuse, append, resume, update or replace.

        Options are those of `apus index`: model (a folder, "bundled", "tiny", "none"), analyzer, precision, max_length, threads, memory,
        passages, stride, aggregate, profile, store_vectors, filterable, keep_order, idf_power, norm_power, learned_scale, k1, b,
        title_weight, commit_every. An exception of the caller's iterator leaves everything as it was, Ctrl-C keeps what was read:
        existing="resume" goes on.
        """
        report = _build(path, documents, vectors, vocabulary, {"existing": existing, **options})
        index = cls.open(path, model=None)
        index.report = report
        return index

    def add(self, documents: Any, *, vectors: Any = None, vocabulary: Any = None, skip_known: bool = False,
            **options: Any) -> dict[str, Any]:
        """Adds documents in one commit; a known id is an error, or passed over."""
        return self._change(documents, vectors, vocabulary, {"existing": "resume" if skip_known else "append", **options})

    def update(self, documents: Any, *, vectors: Any = None, vocabulary: Any = None, **options: Any) -> dict[str, Any]:
        """Adds documents in one commit, in the place of those with the same ids where there are any."""
        return self._change(documents, vectors, vocabulary, {"existing": "update", **options})

    def delete(self, ids: Iterable[str] | str, *, strict: bool = False, filter: str | None = None) -> dict[str, Any]:
        """Deletes documents in one commit; strict: an unknown id is an error."""
        found = self._alive()
        packed = PackedStrings([ids] if isinstance(ids, str) else ids, "id")
        report = json.loads(told(
            found.library.apus_delete, _path(self.path), packed.pointer, _json({"strict": strict, "filter": filter})))
        return self._changed(report)

    def _change(self, documents: Any, vectors: Any, vocabulary: Any, options: dict[str, Any]) -> dict[str, Any]:
        self._alive()
        if not _is_path(documents) and vectors is None:
            documents = _documents.first(documents)
            if documents is None:
                return {"added": 0, "replaced": 0, "skipped": 0, "documents": len(self)}
        return self._changed(_build(self.path, documents, vectors, vocabulary, {"must_exist": True, **options}))

    def _changed(self, report: dict[str, Any]) -> dict[str, Any]:
        self.report = report
        self.refresh()
        return report


def _reopen(path: str, settings: dict[str, Any]) -> Index:
    return Index.open(path, **settings)


def _build(
    path: Path, documents: Any, vectors: Any, vocabulary: Any, options: dict[str, Any]
) -> dict[str, Any]:
    library = _library.library()
    matrix = None if vectors is None else PackedMatrix(vectors)
    terms = None if matrix is None else names(vocabulary, matrix.shape[1])
    if matrix is not None:
        options = {**options, "vectors": True}

    def call(stop: Cancellation, paths: Any, function: Any) -> Any:
        report, error = c_void_p(), c_void_p()
        status = library.apus_build(
            _path(path), _json(options), paths, function, None, matrix and matrix.pointer, terms and terms.pointer,
            stop.handle.pointer, byref(report), byref(error))
        return status, report, error

    if _is_path(documents):
        listed = PackedStrings([os.fspath(one) for one in ([documents] if _is_one(documents) else documents)], "path")

        def work(stop: Cancellation) -> dict[str, Any]:
            status, report, error = call(stop, listed.pointer, None)
            check(status, error)
            return json.loads(text(report))

        return interruptible(work)
    feed = _documents.Feed(_fed(documents, matrix))
    status, report, error = feed.run(lambda stop: call(stop, None, ctypes.cast(feed.function, c_void_p)))
    if feed.error is not None:
        text(report if status == _library.OK else error)
        raise feed.error
    check(status, error)
    return json.loads(text(report))


def _fed(documents: Any, matrix: PackedMatrix | None) -> Any:
    if matrix is None:
        return _documents.members(documents)
    return _documents.members((one, "") if isinstance(one, str) else one for one in _documents._each(documents))


def _queries(queries: Any, topics: Sequence[str] | None) -> tuple[list[str], list[str]]:
    if hasattr(queries, "columns") and hasattr(queries, "itertuples"):
        return [str(id) for id in queries["qid"]], list(queries["query"])
    if isinstance(queries, Mapping):
        return [str(id) for id in queries], list(queries.values())
    if isinstance(queries, str):
        raise TypeError("The queries are one text; give a list, or call search.")
    texts = list(queries)
    ids = [str(place) for place in range(len(texts))] if topics is None else [str(id) for id in topics]
    if len(ids) != len(texts):
        raise ValueError(f"There are {len(texts)} queries and {len(ids)} topics; give as many of each.")
    return ids, texts


def _is_one(documents: Any) -> bool:
    return isinstance(documents, (str, os.PathLike))


def _is_path(documents: Any) -> bool:
    return _is_one(documents) or (
        isinstance(documents, (list, tuple)) and len(documents) > 0 and all(isinstance(one, os.PathLike) for one in documents))


def _terminated(value: str, what: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"The {what} is {article(value)}; give a text.")
    if "\0" in value:
        raise ValueError(f"The {what} {value!r} holds a NUL.")
    return value.encode()


def _path(path: Path) -> bytes:
    return _terminated(os.fspath(path), "path")


def _json(options: dict[str, Any]) -> bytes:
    given = {name: value for name, value in options.items() if value is not None}
    return json.dumps(given, default=_documents._number).encode()
