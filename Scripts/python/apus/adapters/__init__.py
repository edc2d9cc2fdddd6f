"""Apus in the field's tools: `pyterrier`, `beir`, `mteb`. Each module imports its tool when it is imported itself.

Runs out need no adapter: `BatchHits.run()` is what pytrec_eval, beir and ranx read, `BatchHits.ranx()` and `BatchHits.ir_measures()`
what their names say. Vectors of sentence-transformers' SparseEncoder go in as they are: `Index.build(path, documents,
vectors=model.encode_document(texts), vocabulary=model.tokenizer.get_vocab())`.
"""

import shutil
import tempfile
import weakref


def temporary(owner: object) -> str:
    """A folder that goes with its owner."""
    folder = tempfile.mkdtemp(prefix="apus-")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder
