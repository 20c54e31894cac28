"""The first call of a job fails, then its second, its third, ...: once more, and all is as undisturbed.

A call is a statement of SQL, a request to storage, or a file that is made, written through or renamed. SQLite tests
itself so: https://www.sqlite.org/testing.html.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial, wraps
from itertools import count
from threading import Lock
from typing import Any, TypeAlias

import psycopg2
import pytest
import requests

from jobs.errors import JobError
from jobs.local.services import postgres_server
from jobs.postgres import statement_errors
from tests.test_faulty_network import ROUNDS, SEED

LOST = "server closed the connection unexpectedly"
Call: TypeAlias = Callable[..., Any]


@dataclass
class Countdown:
    """Counts calls. `is_due` once, after so many; threads may call it."""

    left: int
    lock: Lock = field(default_factory=Lock)

    def is_due(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left == -1

    @property
    def is_over(self) -> bool:
        return self.left < 0


Failure: TypeAlias = Callable[[Countdown, pytest.MonkeyPatch], None]


def end_backend(db: Any) -> None:
    """End the process of the server that answers a connection, as its administrator may."""
    servers = {server.port(): server for server in map(postgres_server, ("laptop", "cloud"))}
    admin = psycopg2.connect(servers[db.info.port].url("postgres"))
    with admin, admin.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (db.info.backend_pid,))
    admin.close()


def fail_statements(names: tuple[str, ...], arrives: bool, countdown: Countdown, patch: pytest.MonkeyPatch) -> None:
    """The connection is lost at a call of these names: before the server has it, or before its answer has come."""
    run_marked = statement_errors.run_marked

    def run(owner: Any, function: Call, *args: Any, **kwargs: Any) -> Any:
        @wraps(function)
        def lose(*args: Any, **kwargs: Any) -> Any:
            if arrives:
                function(*args, **kwargs)
            end_backend(owner)
            if arrives:
                raise psycopg2.OperationalError(LOST)
            return function(*args, **kwargs)

        is_due = function.__name__ in names and not owner.closed and countdown.is_due()
        return run_marked(owner, lose if is_due else function, *args, **kwargs)

    patch.setattr(statement_errors, "run_marked", run)


def refuse_requests(countdown: Countdown, patch: pytest.MonkeyPatch) -> None:
    """A request to storage does not arrive, nor any after it."""
    send = requests.Session.send

    def refuse(*args: Any, **options: Any) -> Any:
        if countdown.is_due() or countdown.is_over:
            raise requests.ConnectionError("Connection refused")
        return send(*args, **options)

    patch.setattr(requests.Session, "send", refuse)


def lose_answers(countdown: Countdown, patch: pytest.MonkeyPatch) -> None:
    """Storage does what a request asks, and its answer is lost."""
    send = requests.Session.send

    def lose(*args: Any, **options: Any) -> Any:
        answer = send(*args, **options)
        if countdown.is_due():
            answer.close()
            raise requests.ConnectionError("Connection aborted")
        return answer

    patch.setattr(requests.Session, "send", lose)


def fill_disk(countdown: Countdown, patch: pytest.MonkeyPatch) -> None:
    """A file or folder cannot be made, written through or renamed."""
    for name in ("open", "fsync", "replace", "mkdir"):

        def call(function: Call, *args: Any, **options: Any) -> Any:
            reads = function.__name__ == "open" and not (args[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR))
            if not reads and countdown.is_due():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *(args[:1] if isinstance(args[0], str) else ()))
            return function(*args, **options)

        patch.setattr(os, name, partial(call, getattr(os, name)))


FAILURES: dict[str, Failure] = {
    "statements": partial(fail_statements, ("execute", "copy_expert", "fetchmany", "commit"), False),
    "answers of COMMIT": partial(fail_statements, ("commit",), True),
    "requests": refuse_requests,
    "answers of storage": lose_answers,
    "files": fill_disk,
}


@contextmanager
def failing(failure: Failure, at: int) -> Iterator[Countdown]:
    """The call with this number fails inside the block, from 0 on."""
    countdown = Countdown(at)
    with pytest.MonkeyPatch.context() as patch:
        failure(countdown, patch)
        yield countdown


def allowed(kind: str) -> AbstractContextManager[None]:
    """What a command shows as a sentence. The one for a full disk is made where commands begin."""
    return suppress(JobError, OSError) if kind == "files" else suppress(JobError)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What gives it work, its run, and what it leaves. In one round each `every`-th of its calls fails."""

    give_work: Callable[[], object]
    run: Callable[[], object]
    read: Callable[[], object]
    every: int = 1

    def fail_each_call(self, record_property: Callable[[str, object], None]) -> None:
        """Let each call fail in turn, until a run ends without. CHAOS_ROUNDS goes on with the calls beside them."""
        self.run()
        undisturbed = self.read()
        for kind, failure in FAILURES.items():
            failed = 0
            for first in sorted({(SEED + number) % self.every for number in range(ROUNDS)}):
                for at in count(first, self.every):
                    self.give_work()
                    with failing(failure, at) as countdown, allowed(kind):
                        self.run()
                    if not countdown.is_over:
                        break
                    self.run()
                    assert self.read() == undisturbed, f"{kind} {at}"
                    failed += 1
            record_property(kind, failed)
