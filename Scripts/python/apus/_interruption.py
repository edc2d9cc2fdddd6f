"""Ctrl-C in a long call."""

from __future__ import annotations

import threading
from typing import Any, Callable

from . import _library


class Cancellation:
    """Something that a long call can be told to stop by."""

    def __init__(self) -> None:
        library = _library.library()
        self._library = library
        self.handle = _library.Handle(library.apus_cancellation_new(), library.apus_cancellation_free)

    def cancel(self) -> None:
        self._library.apus_cancel(self.handle.pointer)


def interruptible(call: Callable[[Cancellation], Any]) -> Any:
    """Runs a long call so that Ctrl-C ends it: the call is told to stop, ends in order, and KeyboardInterrupt is raised.

    Python looks at signals on the main thread alone, between its own instructions; so the call gets a thread of its own there.
    """
    stop = Cancellation()
    if threading.current_thread() is not threading.main_thread():
        return call(stop)
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append((call(stop), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, name="apus", daemon=True)
    thread.start()
    interruption: BaseException | None = None
    while thread.is_alive():
        try:
            thread.join()
        except BaseException as error:
            interruption = interruption or error
            stop.cancel()
    if interruption is not None:
        raise interruption
    value, failure = outcome[0]
    if failure is not None:
        raise failure
    return value
