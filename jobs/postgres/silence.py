"""No call of psycopg2 waits for ever: a watching thread counts the time without a byte.

A proxy or a firewall on the way may acknowledge what it never delivers, so that TCP sees no fault. And PostgreSQL is
rightly silent for minutes while it builds an index. After GIVE_UP_SECONDS a second connection asks the server itself:
where it still works on the statement, the wait goes on; else the server ends that connection with its locks, the socket
is shut down, and the call raises.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg2
from psycopg2.extensions import connection

from jobs.interrupts import call_on_signal
from jobs.libpq import connect
from jobs.terminal import log

SAY_SECONDS, GIVE_UP_SECONDS, ASK_AGAIN_SECONDS = 10.0, 90.0, 30.0
POLL_SECONDS = 0.5
PROBE_SECONDS, CANCEL_SECONDS = 15.0, 1.0
# A server that waits for its client, while the client waits for the server, has lost what is on the way.
WORKS = "SELECT state = 'active' AND wait_event_type IS DISTINCT FROM 'Client' FROM pg_stat_activity WHERE pid = %s"
CANCEL = "SELECT pg_cancel_backend(%s)"
# A pooler between may number its own connections: the number must be that of a connection of ours.
TERMINATE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = %s AND usename = current_user AND application_name = current_setting('application_name')"""

_calls: set["Call"] = set()
_lock = threading.Lock()


class SilentServerError(psycopg2.OperationalError):
    """The server did not send a byte for GIVE_UP_SECONDS, and does not work on the statement."""


class Call:
    """One call that waits for a server. `moved`: when bytes passed last; None while our own code reads or writes."""

    def __init__(self, db: connection, parameters: dict[str, Any]) -> None:
        self.parameters, self.address = parameters, getattr(db, "address", "")
        self.socket, self.pid = db.fileno(), db.info.backend_pid
        self.moved: float | None = time.monotonic()
        self.asked = 0.0
        self.said = self.ended = self.interrupted = False

    def check(self) -> None:
        """Say that the call waits, and end it where nothing will come."""
        moved, now = self.moved, time.monotonic()
        if moved is None or self.ended:
            return
        if now - moved >= SAY_SECONDS and not self.said:
            self.said = True
            log(f"Waiting for PostgreSQL at {self.address}: no byte for {now - moved:.0f} s")
        if now - moved >= GIVE_UP_SECONDS and now - self.asked >= ASK_AGAIN_SECONDS:
            self.asked = now
            working = ask_in_time(self.parameters, WORKS, self.pid)
            if not working and self.moved == moved:
                if working is False:  # the server answers, and may wait for its client for ever
                    ask_in_time(self.parameters, TERMINATE, self.pid)
                self.end()

    def end(self) -> None:
        """Shut the socket down: the call raises at once."""
        self.ended = True
        sock = socket.socket(fileno=self.socket)
        try:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        finally:
            sock.detach()


class WatchedFile:
    """The file of a COPY. Time in it is not the server's."""

    def __init__(self, call: Call, file: Any) -> None:
        self._call, self._file = call, file

    def read(self, size: int = -1) -> Any:
        self._call.moved = None
        try:
            return self._file.read(size)
        finally:
            self._call.moved = time.monotonic()

    def write(self, data: Any) -> Any:
        self._call.moved = None
        try:
            return self._file.write(data)
        finally:
            self._call.moved = time.monotonic()


@contextmanager
def watch(db: connection, parameters: dict[str, Any] | None) -> Iterator[Call | None]:
    """Watch the block, a call that waits for the server of `db`. Raises SilentServerError in place of its error.

    `parameters` are those that the connection was made with. Without them, or where it is closed, nothing is watched.
    """
    if parameters is None or db.closed:
        yield None
        return
    call = Call(db, parameters)
    with _lock:
        _calls.add(call)
        start_watching()
    try:
        yield call
    except psycopg2.Error as error:
        # psycopg2 loses a KeyboardInterrupt that comes while it makes its own error.
        if call.interrupted and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt from error
        if call.ended:
            raise SilentServerError(f"no byte for {GIVE_UP_SECONDS:.0f} s") from error
        raise
    finally:
        with _lock:
            _calls.discard(call)


def start_watching() -> None:
    """Start the thread where it does not run. It ends with the last call."""
    if not any(thread.name == "postgres-silence" for thread in threading.enumerate()):
        threading.Thread(target=check_calls, name="postgres-silence", daemon=True).start()


def check_calls() -> None:
    while True:
        for call in list_calls():
            call.check()
        time.sleep(POLL_SECONDS)


def ask_in_time(parameters: dict[str, Any], question: str, pid: int) -> bool | None:
    """The server's answer. The question may hang as the call does: it gets a thread, and PROBE_SECONDS."""
    answers: list[bool | None] = []
    thread = threading.Thread(target=lambda: answers.append(ask_server(parameters, question, pid)), daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return answers[0] if answers else None


def ask_server(parameters: dict[str, Any], question: str, pid: int) -> bool | None:
    """The server's answer about one of its processes, over a connection of its own; None without one."""
    try:
        db = connect(**{**parameters, "connect_timeout": int(PROBE_SECONDS)})
        with closing(db), db.cursor() as cursor:
            cursor.execute(question, (pid,))
            return (cursor.fetchone() or (False,))[0] is True
    except psycopg2.Error:
        return None


def end_calls() -> None:
    """End what waits at Ctrl-C: psycopg2 waits inside libpq, where Python handles no signal.

    The statements are canceled, so that the server does not go on with them. What still waits then is shut down.
    psycopg2's own way to cancel waits for the network, and every thread with it.
    """
    calls = list_calls()
    for call in calls:
        call.interrupted = True
        threading.Thread(target=ask_server, args=(call.parameters, CANCEL, call.pid), daemon=True).start()
    if calls:
        time.sleep(CANCEL_SECONDS)
    for call in set(calls) & set(list_calls()):
        call.end()


def list_calls() -> list[Call]:
    with _lock:
        return list(_calls)


call_on_signal(end_calls)
