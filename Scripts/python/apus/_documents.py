"""Documents of any shape as JSON lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from queue import SimpleQueue
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
    """Hands documents to a build; the iterator is asked on the thread that called, whatever thread the build runs on.

    An exception of the iterator gives the build up; Ctrl-C ends the documents, so that what was read is kept.
    """

    _END, _GIVE_UP = b"", None

    def __init__(self, documents: Iterator[dict[str, Any]]) -> None:
        self.error: BaseException | None = None
        self._documents = documents
        self._piece: bytes | None = self._END
        self._is_over = False
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._given: SimpleQueue[bytes | None] = SimpleQueue()
        self.function = _library.Next(self._next)

    def run(self, build: Callable[[Cancellation], Any]) -> Any:
        """Runs a build that asks `function`, and returns what it returns.

        Where Ctrl-C can come, on the main thread, the build runs on another one: raised at the door of a function that C calls, a
        KeyboardInterrupt would be swallowed there.
        """
        stop = Cancellation()
        if threading.current_thread() is not threading.main_thread():
            self._next_piece: Callable[[], bytes | None] = self._asked
            return build(stop)
        self._next_piece = self._handed
        outcome: list[Any] = []

        def work() -> None:
            try:
                outcome.append((build(stop), None))
            except BaseException as error:
                outcome.append((None, error))
            finally:
                self._wanted.put(False)

        thread = threading.Thread(target=work, name="apus", daemon=True)
        try:
            thread.start()
            while self._wanted.get():
                self._given.put(self._asked())
                if isinstance(self.error, KeyboardInterrupt):
                    break
        except KeyboardInterrupt as error:
            self.error = error
        while thread.is_alive():
            try:
                if isinstance(self.error, KeyboardInterrupt):
                    self._is_over = True
                    stop.cancel()
                    self._given.put(self._END)
                thread.join()
            except KeyboardInterrupt as error:
                self.error = error
        value, failure = outcome[0]
        if failure is not None:
            raise failure
        return value

    def _next(self, _context: Any, bytes_out: Any, count_out: Any) -> int:
        self._piece = self._END if self._is_over else self._next_piece()
        if self._piece is None:
            return 0
        if not self._piece:
            return 2
        bytes_out[0] = self._piece
        count_out[0] = len(self._piece)
        return 1

    def _handed(self) -> bytes | None:
        self._wanted.put(True)
        return self._given.get()

    def _asked(self) -> bytes | None:
        """The next piece; empty at the end, None to give up."""
        try:
            return self._take()
        except KeyboardInterrupt as error:
            self.error = error
            return self._END
        except BaseException as error:
            self.error = error
            return self._GIVE_UP

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
