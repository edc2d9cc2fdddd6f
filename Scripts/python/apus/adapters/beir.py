"""Apus as a retriever of BEIR.

    from apus.adapters.beir import Search
    evaluation = EvaluateRetrieval(Search(), k_values=[10, 100])
    results = evaluation.retrieve(corpus, queries)
"""

from __future__ import annotations

from typing import Any

from beir.retrieval.search.base import BaseSearch

from ..index import Index
from . import temporary


class Search(BaseSearch):
    """Indexes the corpus in a folder that goes with this object, or searches an index that is there; options are those of a search."""

    def __init__(
        self, index: Index | None = None, *, build: dict[str, Any] | None = None, threads: int = 1, **options: Any
    ) -> None:
        self.index, self.build, self.threads, self.options = index, build or {}, threads, options

    def search(
        self, corpus: dict[str, dict[str, str]], queries: dict[str, str], top_k: int, *_: Any, **__: Any
    ) -> dict[str, dict[str, float]]:
        if self.index is None:
            self.index = Index.build(temporary(self) + "/index", corpus, **self.build)
        return self.index.batch_search(queries, top_k, threads=self.threads, **self.options).run()

    def encode(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("Apus keeps an index instead of embeddings: call retrieve.")

    def search_from_files(self, *_: Any, **__: Any) -> dict[str, dict[str, float]]:
        raise NotImplementedError("Apus keeps an index instead of embeddings: call retrieve.")
