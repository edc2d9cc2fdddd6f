"""Milliseconds of this thread's CPU per query, and the figures printed of them."""
import time

import numpy as np


def figures(times):
    """Mean, median, 95th and 99th percentile, as apus-bench computes them."""
    times = sorted(times)
    return [sum(times) / len(times)] + [times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95, 0.99)]


def timed(queries, search):
    """The figures of `search` over `queries`, and its answers."""
    times, answers = [], []
    for query in queries:
        start = time.thread_time()
        answer = search(query)
        times.append((time.thread_time() - start) * 1000)
        answers.append(answer)
    return figures(times), answers


class PISACalls:
    """PISA query by query, through the function under pyterrier_pisa 0.4.9's retriever.

    The retriever itself answers a table of queries, so its percentiles could not be seen. What a query of an absent term
    takes (opening the lexicon, Python's arguments) is taken off each time.
    """

    def __init__(self, retriever, queries, nothing, tokens):
        from pyterrier_pisa import _pisathon
        self.retrieve, self.retriever, self.tokens = _pisathon.retrieve, retriever, tokens
        self.queries = queries
        self.overhead = sorted(self.call(nothing)[0] for _ in range(101))[50]

    def call(self, query):
        k = self.retriever.num_results
        numbers, names = np.empty(k, np.int32), np.empty(k, object)
        ranks, scores = np.empty(k, np.int32), np.empty(k, np.float32)
        start = time.thread_time()
        count = self.retrieve(self.retriever._ctxt, self.retriever.query_algorithm.value, [(0, query)], k=k, threads=1,
                              query_weighted=int(self.retriever.query_weighted), pretokenised=self.tokens,
                              result_qidxs=numbers, result_docnos=names, result_ranks=ranks, result_scores=scores)
        return (time.thread_time() - start) * 1000, list(names[:count])

    def run(self):
        calls = [self.call(query) for query in self.queries]
        return figures([max(0, milliseconds - self.overhead) for milliseconds, _ in calls]), [names for _, names in calls]
