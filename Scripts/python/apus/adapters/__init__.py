"""Apus in the field's tools: `pyterrier`, `beir`, `mteb`. Each module imports its tool when it is imported itself.

Runs out need no adapter: `BatchHits.run()` is what pytrec_eval, beir and ranx read, `BatchHits.ranx()` and `BatchHits.ir_measures()`
what their names say. Vectors of sentence-transformers' SparseEncoder go in as they are: `Index.build(path, documents,
vectors=model.encode_document(texts), vocabulary=model.tokenizer.get_vocab())`.
"""
