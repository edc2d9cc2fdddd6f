"""Apus, a learned-sparse retrieval engine: text, terms with impacts, posting lists, exact top k, measures.

    import apus

    index = apus.Index.build("Indexes/mine", [("d1", "Stars shine by fusion."), ("d2", "Bread rises by yeast.")])
    for hit in index.search("why do stars shine", k=10):
        print(hit.id, hit.score, hit.text)

Errors are `apus.ApusError` with the engine's sentence. Long calls release the interpreter's lock and obey Ctrl-C.
"""

from ._library import ApusError, ForkError, MisuseError, version
from ._version import VERSION as __version__
from .batch import BatchHits
from .encoder import Encoder
from .evaluation import Evaluation, evaluate, read_topics, starter
from .hits import Hit, Hits
from .index import Index

__all__ = [
    "ApusError", "BatchHits", "Encoder", "Evaluation", "ForkError", "Hit", "Hits", "Index", "MisuseError", "evaluate",
    "read_topics", "starter", "version",
]
