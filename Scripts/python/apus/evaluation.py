"""Runs against judgements."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Iterable, Union

import numpy as np

from . import _library
from ._arrays import PackedStrings, article
from ._library import Rankings, check, told
from .batch import BatchHits


class Evaluation(dict):
    """{measure: mean}, and the values of each query where they were asked for."""

    def __init__(self, means: dict[str, float], per_query: dict[str, dict[str, float]]) -> None:
        super().__init__(means)
        #: {query: {measure: value}}.
        self.per_query = per_query


def evaluate(
    qrels: Any, run: Any, measures: Union[str, Iterable[str]] = "nDCG@10 RR@10 AP R@100", *, per_query: bool = False,
    **options: Any
) -> Evaluation:
    """Measures a run as `apus evaluate` and trec_eval -c do: averages are over all judged queries.

    qrels, run: a file, {query: {document: number}}, `BatchHits`, a pandas table, or (query, document, number) one after another, as
    ir_measures has them. Options: ignore_identical_ids, judged_only, answered_only, grade_threshold.
    """
    library = _library.library()
    names = measures if isinstance(measures, str) else " ".join(str(measure) for measure in measures)
    asked = {"measures": names, "per_query": per_query, **options}
    judged, measured = _Given(qrels, "qrels"), _Given(run, "run")
    found = json.loads(told(
        library.apus_evaluate, judged.path, judged.pointer, measured.path, measured.pointer, json.dumps(asked).encode()))
    own = {query: dict(zip(found["measures"], values))
           for query, values in zip(found.get("queries") or [], found.get("values") or [])}
    return Evaluation(dict(zip(found["measures"], found["means"])), own)


def read_topics(path: Union[str, "os.PathLike[str]"]) -> dict[str, str]:
    """The topics of a file, {id: text}: JSON lines, tables, TREC's markup."""
    return dict(json.loads(told(_library.library().apus_topics, os.fspath(path).encode())))


def starter(folder: Union[str, "os.PathLike[str]"]) -> str:
    """Writes the starter collection into a folder: corpus.jsonl, queries.jsonl, qrels/test.tsv."""
    path = os.fspath(folder)
    error = _library.c_void_p()
    check(_library.library().apus_starter(path.encode(), _library.byref(error)), error)
    return path


class _Given:
    """Judgements or a run, as a file or as lists."""

    def __init__(self, given: Any, what: str) -> None:
        self.path: bytes | None = None
        self.pointer: Any = None
        if isinstance(given, (str, os.PathLike)):
            self.path = os.fspath(given).encode()
            return
        lists = _lists(given, what)
        self._queries = PackedStrings(lists, "query")
        ends = np.fromiter(accumulate(len(own) for own in lists.values()), dtype=np.int64, count=len(lists))
        self._documents = PackedStrings((id for own in lists.values() for id in own), "document")
        try:
            values = np.fromiter(
                (value for own in lists.values() for value in own.values()), dtype=np.float64, count=len(self._documents))
        except (TypeError, ValueError) as error:
            raise TypeError(f"{what} holds something that is no number: {error}") from None
        self._ends, self._values = ends, values
        self._rankings = Rankings(self._queries.value, ends.ctypes.data, self._documents.value, values.ctypes.data)
        self.pointer = _library.ctypes.pointer(self._rankings)


def _lists(given: Any, what: str) -> dict[str, dict[str, float]]:
    if isinstance(given, BatchHits):
        return given.run()
    if hasattr(given, "columns") and hasattr(given, "itertuples"):
        return _grouped(zip(*(_column(given, names, what) for names in _COLUMNS)), what)
    if type(given).__module__.startswith("ranx"):
        return {str(query): {str(id): float(value) for id, value in own.items()} for query, own in given.to_dict().items()}
    if isinstance(given, Mapping):
        for query, own in given.items():
            if not isinstance(own, Mapping):
                raise TypeError(f"{what} has {article(own)} for query {query!r}; give {{document: number}}.")
        return dict(given)
    if not hasattr(given, "__iter__"):
        raise TypeError(f"{what} is {article(given)}; give a file, {{query: {{document: number}}}} or a table.")
    return _grouped((tuple(row)[:3] for row in given), what)


_COLUMNS = [("qid", "query_id"), ("docno", "doc_id", "docid"), ("score", "label", "relevance")]


def _column(table: Any, names: tuple[str, ...], what: str) -> Any:
    for name in names:
        if name in table.columns:
            return table[name]
    raise ValueError(f"{what} has no column {' or '.join(names)}; it has {', '.join(map(str, table.columns))}.")


def _grouped(rows: Iterable[Any], what: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for query, document, value in rows:
        own = found.setdefault(str(query), {})
        if str(document) in own:
            raise ValueError(f"{what} lists the document {str(document)!r} twice for query {str(query)!r}.")
        own[str(document)] = value
    return found
