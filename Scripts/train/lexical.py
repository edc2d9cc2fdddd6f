"""Stemmed bags of words and BM25 (Lucene variant) as sparse matrices, for the second teacher and for the hybrid.

    lexicon = Lexicon.fit(passages)            # vocabulary, document frequencies, average length
    lexicon.documents(passages) @ lexicon.queries(queries).T
"""

import re
from collections import Counter

import numpy as np
import scipy.sparse as sp
import Stemmer
from bm25s.stopwords import STOPWORDS_EN

WORD = re.compile(r"(?u)\b\w\w+\b")


def stems(texts):
    """Lower-cased Snowball stems of each text, English stop words left out."""
    stemmer, stop = Stemmer.Stemmer("english"), set(STOPWORDS_EN)
    words = ([w for w in WORD.findall(t.lower()) if w not in stop] for t in texts)
    return [stemmer.stemWords(w) for w in words]


class Lexicon:
    """Vocabulary, idf and average length of a passage collection (Lucene BM25, k1 0.9, b 0.4)."""

    def __init__(self, index, idf, average, k1=0.9, b=0.4):
        self.index, self.idf, self.average, self.k1, self.b = index, idf, average, k1, b

    @classmethod
    def fit(cls, bags):
        """Count document frequencies of stemmed bags (lists of stems)."""
        df = Counter()
        for bag in bags:
            df.update(set(bag))
        index = {word: i for i, word in enumerate(df)}
        n, counts = len(bags), np.fromiter(df.values(), dtype=np.float64)
        idf = np.log1p((n - counts + 0.5) / (counts + 0.5)).astype(np.float32)
        return cls(index, idf, sum(map(len, bags)) / max(1, n))

    def _matrix(self, bags, weigh):
        rows, columns, values = [], [], []
        for row, bag in enumerate(bags):
            for word, tf in Counter(bag).items():
                column = self.index.get(word)
                if column is not None:
                    rows.append(row)
                    columns.append(column)
                    values.append(weigh(tf, len(bag), column))
        return sp.csr_matrix((np.array(values, np.float32), (rows, columns)), (len(bags), len(self.index)))

    def documents(self, bags):
        """Saturated term frequencies, idf not included, shape `[documents, stems]`."""
        k1, b, average = self.k1, self.b, self.average
        return self._matrix(bags, lambda tf, length, _: tf / (tf + k1 * (1 - b + b * length / average)))

    def queries(self, bags):
        """Query term counts times idf, shape `[queries, stems]`."""
        return self._matrix(bags, lambda tf, _, column: tf * self.idf[column])
