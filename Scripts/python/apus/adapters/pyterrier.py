"""Apus as a PyTerrier transformer.

    from apus.adapters.pyterrier import Retriever
    pt.Experiment([Retriever(index, mode="bm25"), Retriever(index)], topics, qrels, ["ndcg_cut_10"], names=["BM25", "hybrid"])
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyterrier as pt

from ..index import Index


class Retriever(pt.Transformer):
    """Queries to the k best documents: qid and query in, docno, rank and score out."""

    def __init__(self, index: Index, k: int = 1000, *, threads: int = 1, **options: Any) -> None:
        super().__init__()
        self.index, self.k, self.threads, self.options = index, k, threads, options

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        pt.validate.query_frame(inp, extra_columns=["query"])
        queries = inp.drop(columns=["docno", "rank", "score"], errors="ignore").drop_duplicates("qid")
        found = self.index.batch_search(queries, self.k, threads=self.threads, **self.options).dataframe()
        return queries.assign(qid=queries["qid"].astype(str)).merge(found, on="qid")

    def __repr__(self) -> str:
        return f"Retriever({self.index!r}, k={self.k}" + "".join(f", {key}={value!r}" for key, value in self.options.items()) + ")"
