"""The answers to many queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

import numpy as np

from .hits import Hits, strictly_decreasing

if TYPE_CHECKING:
    from .index import _Opened


class BatchHits:
    """The answers to many queries, in their order; a run in the forms of the field's tools."""

    def __init__(
        self, opened: "_Opened", topics: list[str], scores: np.ndarray, counts: np.ndarray, ids: bytes, tag: str,
        notes: list[str], seconds: float, inexact: int
    ) -> None:
        self._opened = opened
        #: The queries' ids.
        self.topics = topics
        #: Scores, [queries, k], k at most the index's documents; -inf behind the last hit.
        self.scores = scores
        #: Hits of each query.
        self.counts = counts
        self._bytes = ids
        self._ids: list[list[str]] | None = None
        #: How it was ranked, for the last column of a run.
        self.tag = tag
        #: What a reader should know, each once.
        self.notes = notes
        #: Wall time of the searches.
        self.seconds = seconds
        #: Answers that are not proved to be the best.
        self.inexact = inexact

    @property
    def ids(self) -> list[list[str]]:
        """Document ids, best first, of each query."""
        if self._ids is None:
            every = self._bytes.decode().split("\0")
            self._ids, first = [], 0
            for count in self.counts.tolist():
                self._ids.append(every[first:first + count])
                first += count
        return self._ids

    def __len__(self) -> int:
        return len(self.topics)

    def __getitem__(self, place: int) -> Hits:
        ids = self.ids[place]
        return Hits(self._opened, ids, self.scores[place, :len(ids)].tolist(), self.tag, self.notes, self.inexact == 0)

    def __iter__(self) -> Iterator[Hits]:
        return (self[place] for place in range(len(self)))

    def run(self) -> dict[str, dict[str, float]]:
        """{query: {document: score}}, as pytrec_eval, beir and ranx read it; scores as `apus` writes them to run files."""
        found = {}
        for place, (topic, ids) in enumerate(zip(self.topics, self.ids)):
            found[topic] = dict(zip(ids, strictly_decreasing(self.scores[place, :len(ids)]).tolist()))
        return found

    def dataframe(self) -> Any:
        """A pandas table with qid, docno, rank (from 0, as PyTerrier has it) and score."""
        import pandas

        lengths = [len(ids) for ids in self.ids]
        scores = [strictly_decreasing(self.scores[place, :count]) for place, count in enumerate(lengths)]
        return pandas.DataFrame({
            "qid": np.repeat(np.array(self.topics, dtype=object), lengths),
            "docno": [id for ids in self.ids for id in ids],
            "rank": np.concatenate([np.arange(count) for count in lengths]) if lengths else [],
            "score": np.concatenate(scores).astype(np.float64) if scores else [],
        })

    def ir_measures(self) -> Iterator[Any]:
        """As `ir_measures.calc_aggregate` reads a run."""
        from ir_measures import ScoredDoc

        return (ScoredDoc(topic, id, score) for topic, found in self.run().items() for id, score in found.items())

    def ranx(self, name: str | None = None) -> Any:
        """As `ranx.evaluate` reads a run; queries without a hit are left out, as ranx has no place for them."""
        from ranx import Run

        return Run({topic: found for topic, found in self.run().items() if found}, name=name or self.tag)

    def write(self, path: str, tag: str | None = None) -> None:
        """Writes a TREC run file."""
        with open(path, "w", encoding="utf-8") as file:
            for topic, found in self.run().items():
                for rank, (id, score) in enumerate(found.items(), 1):
                    file.write(f"{topic} Q0 {id} {rank} {np.float32(score)} {tag or self.tag}\n")
