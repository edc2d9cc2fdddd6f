"""Apus as a search model of MTEB.

    from apus.adapters.mteb import Search
    mteb.evaluate(Search(mode="bm25", build={"model": "none"}), tasks)
"""

from __future__ import annotations

from typing import Any

from mteb.models.model_meta import ModelMeta

from .._version import VERSION
from ..index import Index
from . import temporary


class Search:
    """Indexes each task's corpus in a folder that goes with this object; options are those of a search."""

    def __init__(self, *, build: dict[str, Any] | None = None, threads: int = 1, **options: Any) -> None:
        self.build, self.threads, self.options = build or {}, threads, options
        self._index: Index | None = None

    def index(self, corpus: Any, **_: Any) -> None:
        self._index = None
        documents = ({"_id": one["id"], "title": one.get("title") or "", "text": one["text"]} for one in corpus)
        self._index = Index.build(temporary(self) + "/index", documents, **self.build)

    def search(
        self, queries: Any, *, top_k: int, top_ranked: Any = None, **_: Any
    ) -> dict[str, dict[str, float]]:
        if self._index is None:
            raise ValueError("There is no corpus yet; call index first.")
        asked = {one["id"]: one["text"] for one in queries}
        # A list to rank again may stand anywhere in the answer.
        k = len(self._index) if top_ranked else top_k
        run = self._index.batch_search(asked, k, threads=self.threads, **self.options).run()
        if not top_ranked:
            return run
        kept = {query: set(top_ranked.get(query, ())) for query in run}
        return {query: {id: score for id, score in own.items() if id in kept[query]} for query, own in run.items()}

    @property
    def mteb_model_meta(self) -> ModelMeta:
        mode = self.options.get("mode", "hybrid")
        return ModelMeta.create_empty({"name": f"apus/{mode}", "revision": VERSION})
