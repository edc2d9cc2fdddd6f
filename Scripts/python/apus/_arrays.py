"""Python's texts and numbers as the library reads them."""

from __future__ import annotations

import ctypes
from itertools import accumulate
from typing import Any, Iterable, Sequence

import numpy as np

from ._library import Matrix, Strings


class PackedStrings:
    """Texts one after another; holds the memory that `value` points to."""

    def __init__(self, texts: Iterable[str], what: str) -> None:
        encoded = []
        for place, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"{what} {place} is {article(text)}; give texts.")
            encoded.append(text.encode())
        self._bytes = b"".join(encoded)
        self._ends = np.fromiter(accumulate(map(len, encoded)), dtype=np.int64, count=len(encoded))
        self.value = Strings(
            ctypes.cast(ctypes.c_char_p(self._bytes), ctypes.c_void_p).value, self._ends.ctypes.data, len(encoded))
        self.pointer = ctypes.pointer(self.value)

    def __len__(self) -> int:
        return int(self.value.count)


class PackedMatrix:
    """Rows of terms and weights; holds the memory that `value` points to."""

    def __init__(self, matrix: Any, what: str = "vectors") -> None:
        rows = compressed_rows(matrix, what)
        self.shape = rows.shape
        self._ends = np.ascontiguousarray(rows.indptr[1:], dtype=np.int64)
        self._terms = np.ascontiguousarray(rows.indices, dtype=np.uint32)
        self._weights = np.ascontiguousarray(rows.data, dtype=np.float32)
        self.value = Matrix(
            rows.shape[0], rows.shape[1], self._ends.ctypes.data, self._terms.ctypes.data, self._weights.ctypes.data)
        self.pointer = ctypes.pointer(self.value)


def compressed_rows(matrix: Any, what: str) -> Any:
    """A scipy matrix in compressed rows of: a scipy matrix, a sparse torch tensor, a numpy array."""
    try:
        import scipy.sparse as sparse
    except ImportError as error:
        raise ImportError("Matrices need scipy: pip install scipy") from error
    if hasattr(matrix, "tocsr"):
        rows = matrix.tocsr(copy=True)
    elif hasattr(matrix, "layout") and hasattr(matrix, "detach"):
        tensor = matrix.detach().cpu()
        if not tensor.is_sparse:
            tensor = tensor.to_sparse()
        tensor = tensor.coalesce()
        if tensor.dim() == 1:
            tensor = tensor.unsqueeze(0).coalesce()
        indices = tensor.indices().numpy()
        rows = sparse.csr_matrix((tensor.values().float().numpy(), (indices[0], indices[1])), shape=tuple(tensor.shape))
    elif isinstance(matrix, np.ndarray):
        if matrix.ndim != 2:
            raise ValueError(f"{what} has the shape {matrix.shape}; give two dimensions, documents and terms.")
        check_numbers(matrix.dtype, what)
        rows = sparse.csr_matrix(matrix)
    else:
        raise TypeError(f"{what} is {article(matrix)}; give a scipy matrix, a torch tensor or a numpy array.")
    check_numbers(rows.dtype, what)
    rows.sum_duplicates()
    rows.sort_indices()
    return rows


def check_numbers(dtype: np.dtype, what: str) -> None:
    """Raises TypeError for numbers that are no weights."""
    if dtype.kind not in "fiu":
        raise TypeError(f"{what} holds {dtype}; give real numbers, as float32.")


def article(value: Any) -> str:
    """`an int`, `a list`."""
    name = type(value).__name__
    return ("an " if name[:1].lower() in "aeiou" else "a ") + name


def whole(value: Any, name: str) -> int:
    """A whole number of at least 1."""
    try:
        number = value.__index__()
    except AttributeError:
        raise TypeError(f"{name} is {article(value)}; give a whole number.") from None
    if not 1 <= number < 1 << 62:
        raise ValueError(f"{name} must be at least 1, not {number}.")
    return number


#: The last vocabulary that cannot change, an encoder's, and its packed form: packing 30,000 names takes longer than many a search.
_packed: list[tuple[tuple[str, ...], "PackedStrings"]] = []


def names(vocabulary: Sequence[str] | dict[str, int] | None, columns: int) -> "PackedStrings | None":
    """The columns' names of a list, or of a tokenizer's {name: number}."""
    if vocabulary is None:
        return None
    if isinstance(vocabulary, tuple):
        for known, packed in _packed:
            if known is vocabulary:
                return packed
        packed = PackedStrings(vocabulary, "name")
        _packed[:] = [(vocabulary, packed)]
        return packed
    if isinstance(vocabulary, dict):
        listed = [f"[{number}]" for number in range(columns)]
        for name, number in vocabulary.items():
            if 0 <= number < columns:
                listed[number] = name
        vocabulary = listed
    return PackedStrings(vocabulary, "name")
