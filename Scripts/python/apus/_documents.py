"""Documents of any shape as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable, Iterable, Iterator

from . import _library
from ._arrays import article
from ._interruption import Cancellation

_PIECE_DOCUMENTS, _PIECE_BYTES = 256, 1 << 20


def members(documents: Any) -> Iterator[dict[str, Any]]:
    """The documents of: dicts, (id, text), (id, title, text), named tuples, {id: text or dict}, a pandas table."""
    for place, document in enumerate(_each(documents)):
        if isinstance(document, Mapping):
            yield dict(document)
        elif hasattr(document, "_asdict"):
            yield document._asdict()
        elif isinstance(document, (tuple, list)) and len(document) == 2 and isinstance(document[1], Mapping):
            yield {"_id": document[0], **document[1]}
        elif isinstance(document, (tuple, list)) and len(document) == 2:
            yield {"_id": document[0], "text": document[1]}
        elif isinstance(document, (tuple, list)) and len(document) == 3:
            yield {"_id": document[0], "title": document[1], "text": document[2]}
        else:
            raise TypeError(
                f"Document {place + 1} is {article(document)}; give a dict, (id, text) or (id, title, text).")


def _each(documents: Any) -> Iterable[Any]:
    if hasattr(documents, "to_dict") and hasattr(documents, "columns"):
        # A missing cell is no member.
        return ({key: value for key, value in row.items() if not value != value and value is not None}
                for row in documents.to_dict("records"))
    if isinstance(documents, Mapping):
        return documents.items()
    if isinstance(documents, (str, bytes)) or not hasattr(documents, "__iter__"):
        raise TypeError(f"The documents are {article(documents)}; give a path, or documents one after another.")
    return documents


def _number(value: Any) -> Any:
    """numpy's numbers and arrays."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"JSON has no {type(value).__name__}.")


class Feed:
    """Hands documents to a build on the thread that asked for it, so that an iterator meets no other thread than its own.

    An exception of the iterator gives the build up; Ctrl-C ends the documents, so that what was read is kept.
    """

    def __init__(self, documents: Iterator[dict[str, Any]], stop: Cancellation) -> None:
        self.error: BaseException | None = None
        self._documents = documents
        self._stop = stop
        self._piece = b""
        self.function = _library.Next(self._next)

    def _next(self, _context: Any, bytes_out: Any, count_out: Any) -> int:
        try:
            self._piece = self._take()
            if not self._piece:
                return 2
            bytes_out[0] = self._piece
            count_out[0] = len(self._piece)
            return 1
        except KeyboardInterrupt as error:
            self.error = error
            self._stop.cancel()
            return 2
        except BaseException as error:
            self.error = error
            return 0

    def _take(self) -> bytes:
        lines: list[str] = []
        size = 0
        for document in self._documents:
            lines.append(json.dumps(document, ensure_ascii=False, default=_number))
            size += len(lines[-1])
            if len(lines) == _PIECE_DOCUMENTS or size > _PIECE_BYTES:
                break
        return ("\n".join(lines) + "\n").encode() if lines else b""


def first(documents: Any, make: Callable[[Any], Iterator[dict[str, Any]]] = members) -> Iterator[dict[str, Any]] | None:
    """The documents; None where there is none."""
    every = make(documents)
    try:
        head = next(every)
    except StopIteration:
        return None
    return _behind(head, every)


def _behind(head: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield head
    yield from rest
