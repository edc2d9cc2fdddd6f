"""libapus, loaded when it is first used, and the rules of calling it."""

from __future__ import annotations

import ctypes
import os
import pathlib
import threading
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_float, c_int32, c_int64, c_uint32, c_void_p
from typing import Any, Callable

OK, FAILED, MISUSE, CANCELLED = 0, 1, 2, 3


class ApusError(Exception):
    """What the engine says went wrong: one sentence, with what to do."""


class MisuseError(ApusError, ValueError):
    """An argument that no call takes."""


class ForkError(ApusError):
    """The library was used before a fork, and its threads are not in the child."""


class Strings(ctypes.Structure):
    _fields_ = [("bytes", c_void_p), ("ends", c_void_p), ("count", c_int64)]


class Matrix(ctypes.Structure):
    _fields_ = [("rows", c_int64), ("columns", c_int64), ("ends", c_void_p), ("terms", c_void_p), ("weights", c_void_p)]


class Rankings(ctypes.Structure):
    _fields_ = [("queries", Strings), ("ends", c_void_p), ("documents", Strings), ("values", c_void_p)]


class Vector(ctypes.Structure):
    _fields_ = [("terms", Strings), ("weights", c_void_p)]


class HitsBlock(ctypes.Structure):
    _fields_ = [("count", c_int64), ("scores", c_void_p), ("ids", c_void_p), ("ids_length", c_int64), ("tag", c_char_p),
                ("notes", c_char_p), ("exact", c_bool)]


class BatchBlock(ctypes.Structure):
    _fields_ = [("ids", c_void_p), ("ids_length", c_int64), ("tag", c_char_p), ("notes", c_char_p),
                ("seconds", c_double), ("inexact", c_int64)]


# The piece, its length; 1 for a piece, 2 at the end; 0, which ctypes answers where the function fails, gives up.
Next = ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(c_char_p), POINTER(c_int64))

_S, _M, _R, _OUT = POINTER(Strings), POINTER(Matrix), POINTER(Rankings), POINTER(c_void_p)
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "apus_version": (c_char_p, []),
    "apus_string_free": (None, [c_void_p]),
    "apus_cancellation_new": (c_void_p, []),
    "apus_cancel": (None, [c_void_p]),
    "apus_cancellation_free": (None, [c_void_p]),
    "apus_index_open": (c_int32, [c_char_p, c_char_p, _OUT, _OUT]),
    "apus_index_refresh": (c_int32, [c_void_p, _OUT, _OUT]),
    "apus_index_info": (c_int32, [c_void_p, _OUT, _OUT]),
    "apus_index_close": (None, [c_void_p]),
    "apus_options_new": (c_int32, [c_char_p, _OUT, _OUT]),
    "apus_options_free": (None, [c_void_p]),
    "apus_search": (c_int32, [c_void_p, c_char_p, c_int64, POINTER(Vector), c_int64, c_void_p,
                              POINTER(POINTER(HitsBlock)), _OUT]),
    "apus_hits_free": (None, [POINTER(HitsBlock)]),
    "apus_batch_search": (c_int32, [c_void_p, _S, _S, _M, _S, c_int64, c_void_p, c_int32, c_void_p, c_void_p, c_void_p,
                                    POINTER(POINTER(BatchBlock)), _OUT]),
    "apus_batch_free": (None, [POINTER(BatchBlock)]),
    "apus_documents": (c_int32, [c_void_p, _S, _OUT, _OUT]),
    "apus_explain": (c_int32, [c_void_p, c_char_p, c_int64, c_char_p, c_void_p, _OUT, _OUT]),
    "apus_build": (c_int32, [c_char_p, c_char_p, _S, c_void_p, c_void_p, _M, _S, c_void_p, _OUT, _OUT]),
    "apus_delete": (c_int32, [c_char_p, _S, c_char_p, _OUT, _OUT]),
    "apus_encoder_open": (c_int32, [c_char_p, c_char_p, _OUT, _OUT]),
    "apus_encoder_close": (None, [c_void_p]),
    "apus_encoder_info": (c_int32, [c_void_p, _OUT, _OUT]),
    "apus_encoder_vocabulary": (c_int32, [c_void_p, _S, _OUT]),
    "apus_encode": (c_int32, [c_void_p, _S, c_char_p, c_void_p, POINTER(POINTER(Matrix)), _OUT]),
    "apus_matrix_free": (None, [POINTER(Matrix)]),
    "apus_evaluate": (c_int32, [c_char_p, _R, c_char_p, _R, c_char_p, _OUT, _OUT]),
    "apus_topics": (c_int32, [c_char_p, _OUT, _OUT]),
    "apus_starter": (c_int32, [c_char_p, _OUT]),
}


class _Loading:
    """The library, once it was asked for, and whether this process is a child that was forked after that."""

    loaded: Any = None
    forked_from = 0
    lock = threading.Lock()


def library() -> Any:
    """The library; raises ForkError in a forked child."""
    if _Loading.forked_from:
        raise ForkError(
            f"Apus was used in the process {_Loading.forked_from} before this one was forked from it, and its threads are not here. "
            "Start processes with multiprocessing.get_context('spawn') or 'forkserver', or use Apus in the child first.")
    return _Loading.loaded or _load()


def _load() -> Any:
    with _Loading.lock:
        if _Loading.loaded is None:
            named = os.environ.get("APUS_LIBRARY")
            path = named or str(pathlib.Path(__file__).parent / "libapus.so")
            if not os.path.exists(path):
                raise ApusError(f"'{path}' is missing. Install the wheel, or name the library with APUS_LIBRARY.")
            found = ctypes.CDLL(path)
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(found, name)
                function.restype, function.argtypes = result, arguments
            os.register_at_fork(after_in_child=_note_fork)
            _Loading.loaded = found
    return _Loading.loaded


def _note_fork() -> None:
    _Loading.forked_from = _Loading.forked_from or os.getppid()


def check(status: int, error: c_void_p) -> None:
    """Raises what a call said."""
    if status == OK:
        return
    sentence = text(error)
    raise (MisuseError if status == MISUSE else ApusError)(sentence)


def text(pointer: c_void_p) -> str:
    """A text that the library made, taken over."""
    if not pointer.value:
        return ""
    found = ctypes.string_at(pointer.value).decode()
    _Loading.loaded.apus_string_free(pointer)
    return found


class Handle:
    """A handle of the library, given back when nobody holds it: who searches holds it, so that closing waits for them."""

    __slots__ = ("pointer", "_free", "_process")

    def __init__(self, pointer: int | None, free: Callable[[int], None]) -> None:
        self.pointer = pointer
        self._free = free
        self._process = os.getpid()

    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        # A forked child has the pages, and none of the threads that might hold a lock.
        if self.pointer and self._process == getpid():
            self._free(self.pointer)
        self.pointer = None


def opened(call: Callable[..., int], free: Callable[[int], None], *arguments: Any) -> Handle:
    """What a function of the library opened."""
    place, error = c_void_p(), c_void_p()
    check(call(*arguments, byref(place), byref(error)), error)
    return Handle(place.value, free)


def told(call: Callable[..., int], *arguments: Any) -> str:
    """The text that a function of the library answers with."""
    place, error = c_void_p(), c_void_p()
    check(call(*arguments, byref(place), byref(error)), error)
    return text(place)


def version() -> str:
    """The engine's version."""
    return library().apus_version().decode()
