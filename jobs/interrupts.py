"""The ends of a command that come from outside: Ctrl-C, a closed terminal, `kill`. Each lets it clean up.

Python does that only for Ctrl-C. A closed terminal (SIGHUP) or `kill` (SIGTERM) would end it on the spot, and leave
running what it has started.
"""

import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from jobs.errors import JobError

SIGNALS = ("SIGHUP", "SIGTERM", "SIGBREAK")  # Windows has no SIGHUP, others have no SIGBREAK: Ctrl-Break
_on_signal: list[Callable[[], None]] = []
WINDOW_CLOSED = (2, 5, 6)  # CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT


def call_on_signal(function: Callable[[], None]) -> None:
    """Call a function when a signal comes, in a thread, at once: libraries in C may keep Python from handling it."""
    _on_signal.append(function)


@contextmanager
def call_functions_on_signals(came: threading.Event) -> Iterator[None]:
    """In the block, signals wake a thread that calls the functions of `call_on_signal`. For the main thread.

    After it, `came` says whether one came.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=call_functions, args=(reader, came), name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        writer.close()
        thread.join()
        reader.close()


def call_functions(reader: socket.socket, came: threading.Event) -> None:
    """Call the functions for each signal that means the end, until the other end of the pair is closed."""
    ends = {getattr(signal, name) for name in ("SIGINT", *SIGNALS) if hasattr(signal, name)}
    while numbers := reader.recv(16):
        if ends & set(numbers):
            came.set()
            for function in _on_signal:
                function()


@contextmanager
def stop_signals_as_ctrl_c() -> Iterator[None]:
    """In the block, a closed terminal and `kill` raise KeyboardInterrupt. `nohup`, which ignores SIGHUP, stays.

    Libraries in C may raise an error of their own in its place, above all while they are imported: after a signal, an
    error that has no sentence counts as KeyboardInterrupt.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in SIGNALS if (number := getattr(signal, name, None)) is not None]
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, interrupt)
    came = threading.Event()
    try:
        with call_functions_on_signals(came):
            yield
    except Exception as error:
        if came.is_set() and not isinstance(error, JobError):
            raise KeyboardInterrupt from error
        raise
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Handle a signal: the second one of its kind changes nothing, because a shell and the system both send one."""
    signal.signal(number, signal.SIG_IGN)
    leave_terminal()
    raise KeyboardInterrupt


def leave_terminal() -> None:
    """Let what is printed from now on go nowhere, if it went to a terminal: writing to a closed one is an error."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            if os.isatty(stream.fileno()):
                os.dup2(null, stream.fileno())
    os.close(null)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """In the block, nothing interrupts: for a clean-up with an end of its own. A second Ctrl-C must not prevent it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGINT", *SIGNALS) if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.SIG_IGN) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), signal.SIG_DFL if handler is None else handler)


@contextmanager
def when_window_closes(clean_up: Callable[[], None], kernel32: Any = None) -> Iterator[None]:
    """On Windows, call `clean_up` if the user closes the window in the block, logs off, or shuts down.

    Windows calls it in a thread of its own, and ends the process when it returns, or after 5 seconds.
    """
    kernel32 = kernel32 or getattr(getattr(ctypes, "windll", None), "kernel32", None)
    if kernel32 is None:
        yield
        return

    def handle(event: int) -> bool:
        if event not in WINDOW_CLOSED:
            return False
        clean_up()
        return True

    function = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)(ctypes.c_int, ctypes.c_uint)(handle)
    kernel32.SetConsoleCtrlHandler(function, 1)
    try:
        yield
    finally:
        kernel32.SetConsoleCtrlHandler(function, 0)
