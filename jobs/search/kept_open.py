"""Something that is opened once and asked often: a connection, a client of a service."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from threading import Lock
from typing import Generic, TypeVar

from jobs.errors import ErrorKind, JobError

T = TypeVar("T")
A = TypeVar("A")


class KeptOpen(Generic[T]):
    """Opens a context manager when it is first asked. One question at a time.

    An error of a question leaves through the context manager, which translates it. The next question opens it again.
    """

    def __init__(self, open_it: Callable[[], AbstractContextManager[T]]) -> None:
        self._open_it, self._lock = open_it, Lock()
        self._opened: tuple[T, ExitStack] | None = None

    def ask(self, question: Callable[[T], A]) -> A:
        """The answer. What was open and does not answer any more is opened once again. Raises JobError."""
        with self._lock:
            was_open = self._opened is not None
            try:
                return self._ask_once(question)
            except JobError as error:
                if not was_open or error.kind is not ErrorKind.unavailable:
                    raise
            return self._ask_once(question)

    def _ask_once(self, question: Callable[[T], A]) -> A:
        if self._opened is None:
            stack = ExitStack()
            self._opened = stack.enter_context(self._open_it()), stack
        resource, stack = self._opened
        try:
            return question(resource)
        except BaseException:
            self._opened = None
            stack.__exit__(*sys.exc_info())  # raises the translated error
            raise

    def close(self) -> None:
        """Close it if it is open."""
        with self._lock:
            if self._opened:
                self._opened[1].close()
            self._opened = None
