"""A limit to how long a question to somebody else may take, whatever they do to draw it out."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from nexoaudit.errors import LocationError

T = TypeVar("T")


class Call(Generic[T]):
    """A question that is being asked, in a thread of its own.

    A library's timeouts bound one wait for bytes, not the whole answer: who sends one byte now and
    then is never late. Only from outside can the whole be given up. The thread dies with the
    process at the latest.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        """Start asking."""
        self._answer: Future[T] = Future()
        threading.Thread(target=self._run, args=(ask,), name="location call", daemon=True).start()

    def result(self, seconds: float) -> T:
        """Return the answer, or raise what asking raised; TimeoutError after `seconds`."""
        return self._answer.result(max(0.0, seconds))

    def _run(self, ask: Callable[[], T]) -> None:
        try:
            self._answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is wanted
            self._answer.set_exception(error)


class Deadline:
    """Seconds that may be spent waiting; those between the waits do not count."""

    def __init__(self, seconds: float, late: Callable[[], LocationError]) -> None:
        """Begin with `seconds`; `late` makes the error for when they are spent."""
        self._left = seconds
        self._late = late

    def ask(self, ask: Callable[[], T]) -> T:
        """Return what `ask` returns; raise the error of a late answer when there is none."""
        return self.wait(Call(ask))

    def wait(self, call: Call[T]) -> T:
        """Return the answer of a call that was started before, likewise."""
        began = time.monotonic()
        try:
            return call.result(self._left)
        except TimeoutError as error:
            raise self._late() from error
        finally:
            self._left -= time.monotonic() - began
