"""The answer to one query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Iterator, overload

import numpy as np

if TYPE_CHECKING:
    from .index import _Opened


class Hit:
    """One document of an answer; its title and text are read when they are first asked for."""

    __slots__ = ("rank", "id", "score", "_hits")

    def __init__(self, rank: int, id: str, score: float, hits: "Hits") -> None:
        #: From 1.
        self.rank = rank
        #: The document's id.
        self.id = id
        #: The score that ranked it.
        self.score = score
        self._hits = hits

    @property
    def title(self) -> str:
        """The title; empty where there is none."""
        return self._hits._documents()[self.rank - 1]["title"]

    @property
    def text(self) -> str:
        """The text."""
        return self._hits._documents()[self.rank - 1]["text"]

    @property
    def metadata(self) -> dict[str, Any]:
        """All other members of the document."""
        return json.loads(self._hits._documents()[self.rank - 1].get("metadata") or "{}")

    def __repr__(self) -> str:
        return f"Hit(rank={self.rank}, id={self.id!r}, score={self.score:.6g})"


class Hits(Sequence):
    """Documents, best first: a sequence of `Hit`, and their ids and scores as lists."""

    __slots__ = ("ids", "scores", "tag", "notes", "exact", "_opened", "_stored")

    def __init__(
        self, opened: "_Opened", ids: list[str], scores: list[float], tag: str, notes: list[str], exact: bool
    ) -> None:
        #: External ids.
        self.ids = ids
        #: Scores.
        self.scores = scores
        #: How it was ranked, for the last column of a run.
        self.tag = tag
        #: What a reader should know: that BM25 stood in, and why.
        self.notes = notes
        #: Whether these are proved to be the best of what was asked for.
        self.exact = exact
        self._opened = opened
        self._stored: list[dict[str, Any]] | None = None

    def _documents(self) -> list[dict[str, Any]]:
        if self._stored is None:
            self._stored = self._opened.documents(self.ids)
        return self._stored

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> list[Hit]: ...
    def __getitem__(self, place: int | slice) -> Hit | list[Hit]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self.ids)))]
        if not -len(self.ids) <= place < len(self.ids):
            raise IndexError(f"There are {len(self.ids)} hits, and none at {place}.")
        place %= len(self.ids)
        return Hit(place + 1, self.ids[place], self.scores[place], self)

    def __iter__(self) -> Iterator[Hit]:
        rank = 0
        for id, score in zip(self.ids, self.scores):
            rank += 1
            yield Hit(rank, id, score, self)

    def __repr__(self) -> str:
        return f"Hits({list(self)!r})"


def strictly_decreasing(scores: np.ndarray) -> np.ndarray:
    """Scores as 32-bit floats, each below the one before it, changed as little as that allows, as `apus` writes runs: so every
    evaluator sees the same order."""
    single = scores.astype(np.float32)
    if single.size < 2 or bool(np.all(single[1:] < single[:-1])):
        return single
    for place in range(1, single.size):
        single[place] = min(single[place], np.nextafter(single[place - 1], np.float32(-np.inf)))
    return single
