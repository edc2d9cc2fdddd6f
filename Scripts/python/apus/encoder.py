"""Texts to learned sparse vectors."""

from __future__ import annotations

import ctypes
import json
import os
from ctypes import POINTER, byref, c_void_p
from typing import Any, Iterable, Union

import numpy as np

from . import _library
from ._arrays import PackedStrings, article, whole
from ._interruption import Cancellation, interruptible
from ._library import Handle, Matrix, Strings, check, opened, told

_MATRIX = POINTER(Matrix)


class Encoder:
    """An encoder: `Encoder("bundled")`, `Encoder("tiny")`, or a Hugging Face folder.

        encoder = apus.Encoder("bundled")
        vectors = encoder.encode(["Stars shine by fusion."])            # scipy CSR, [texts, terms]
        query = encoder.encode_query("why do stars shine")              # {term: weight}
    """

    def __init__(
        self, model: Union[str, "os.PathLike[str]"] = "bundled", *, max_length: int | None = None,
        precision: str | None = None
    ) -> None:
        library = _library.library()
        self._library = library
        options = {name: value for name, value in [("max_length", max_length), ("precision", precision)] if value is not None}
        self._handle: Handle | None = opened(
            library.apus_encoder_open, library.apus_encoder_close, os.fspath(model).encode(), json.dumps(options).encode())
        self._vocabulary: tuple[str, ...] | None = None

    def _alive(self) -> Handle:
        _library.library()
        if self._handle is None:
            raise _library.ApusError("The encoder is closed. Open it again.")
        return self._handle

    def close(self) -> None:
        """Closes it; what encodes on other threads ends in peace."""
        self._handle = None

    def __enter__(self) -> "Encoder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def info(self) -> dict[str, Any]:
        """What was understood of the model."""
        return json.loads(told(self._library.apus_encoder_info, self._alive().pointer))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The term of each column."""
        if self._vocabulary is None:
            place, error = Strings(), c_void_p()
            check(self._library.apus_encoder_vocabulary(self._alive().pointer, byref(place), byref(error)), error)
            ends = np.frombuffer(ctypes.string_at(place.ends, 8 * place.count), dtype=np.int64).tolist()
            every = ctypes.string_at(place.bytes, ends[-1] if ends else 0)
            self._vocabulary = tuple(every[first:end].decode() for first, end in zip([0] + ends, ends))
        return self._vocabulary

    def encode(
        self, texts: Iterable[str], *, query: bool = False, query_side: str | None = None, passages: int | None = None,
        stride: int | None = None, aggregate: str | None = None, threads: int = 1
    ) -> Any:
        """A scipy CSR matrix, [texts, terms], float32; the columns' names are `vocabulary`.

        query: whether they are queries; query_side: siamese, inference-free or blended; passages: tokens of the passages that longer
        texts are read in, instead of being cut.
        """
        import scipy.sparse as sparse

        handle = self._alive()
        if isinstance(texts, str):
            raise TypeError("The texts are one text; give a list.")
        packed = PackedStrings(texts, "text")
        asked = {"query": query, "query_side": query_side, "passages": passages, "stride": stride, "aggregate": aggregate,
                 "threads": whole(threads, "threads")}
        options = json.dumps({name: value for name, value in asked.items() if value is not None}).encode()

        def call(stop: Cancellation) -> Any:
            matrix, error = _MATRIX(), c_void_p()
            status = self._library.apus_encode(
                handle.pointer, packed.pointer, options, stop.handle.pointer, byref(matrix), byref(error))
            check(status, error)
            block = matrix.contents
            ends = np.frombuffer(ctypes.string_at(block.ends, 8 * block.rows), dtype=np.int64)
            count = int(ends[-1]) if len(ends) else 0
            terms = np.frombuffer(ctypes.string_at(block.terms, 4 * count), dtype=np.uint32)
            weights = np.frombuffer(ctypes.string_at(block.weights, 4 * count), dtype=np.float32)
            shape = (block.rows, block.columns)
            self._library.apus_matrix_free(matrix)
            return sparse.csr_matrix((weights, terms.astype(np.int32), np.concatenate([[0], ends])), shape=shape)

        return interruptible(call)

    def encode_query(self, text: str, *, query_side: str | None = None) -> dict[str, float]:
        """One query as {term: weight}, the heaviest first."""
        if not isinstance(text, str):
            raise TypeError(f"The query is {article(text)}; give a text.")
        row = self.encode([text], query=True, query_side=query_side)
        vocabulary = self.vocabulary
        order = np.argsort(-row.data, kind="stable")
        return {vocabulary[row.indices[place]]: float(row.data[place]) for place in order}
