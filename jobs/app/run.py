"""Serve the application: bind the port, warm up behind, open the browser, serve until Ctrl-C."""

import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from jobs.app.desk import Desk, Setup
from jobs.errors import ErrorKind, JobError
from jobs.terminal import log

if TYPE_CHECKING:
    from jobs.app.work import Work

PORT, PORTS = 8600, 20
HOST = "127.0.0.1"
END_SECONDS = 1
WAKE_SECONDS = 0.5  # Windows looks at Ctrl-C only between two waits


@dataclass(frozen=True, kw_only=True)
class Options:
    """`name` is the host name that browsers use, where `host` is not loopback. `port` None takes a free one."""

    setup: Setup
    host: str = HOST
    name: str | None = None
    port: int | None = None
    open_with: Callable[[str], None] | None = None


def serve_application(options: Options) -> None:
    """Serve until Ctrl-C. Raises JobError if the port is taken."""
    os.environ["OMP_NUM_THREADS"] = "1"  # before numpy, faiss and torch: see turns.py
    from jobs.app.access import Access
    from jobs.app.routes import build_application
    from jobs.app.work import Work

    with bind(options.host, options.port) as listener:
        port = listener.getsockname()[1]
        names = {options.name} if options.name else {HOST, "localhost"}
        access = Access(frozenset(f"{name}:{port}".lower() for name in names), f"vector-lake-{port}")
        desk = Desk(options.setup, log)
        work = Work(desk)
        url = f"http://{options.name or HOST}:{port}/?token={access.token}"
        log(f"Vector lake: {url} (Ctrl-C ends it)")
        if options.name:
            log("The traffic is not encrypted: everybody on the way can read it, the token too.")
        server = build_server(build_application(desk, work, access))
        desk.warm_up_behind()
        if options.open_with:
            Thread(target=options.open_with, args=(url,), daemon=True).start()
        ended = serve_until_ctrl_c(server, listener)
        end_command(work)
        if options.setup.is_local:
            log("Ended. The laptop's services keep running: `python -m jobs local down` stops them.")
        if not ended:
            end_process()


def serve_until_ctrl_c(server: Any, listener: socket.socket) -> bool:
    """Serve in a thread. Returns whether it has ended: a page may still wait for a database or for Azure."""
    ended = Event()  # Thread.join takes its thread for ended when Ctrl-C interrupts it (bpo-46726)

    def serve() -> None:
        try:
            server.run(sockets=[listener])
        finally:
            ended.set()

    Thread(target=serve, name="server", daemon=True).start()
    try:
        while not ended.wait(WAKE_SECONDS):
            pass
    except KeyboardInterrupt:  # the way to end it
        server.should_exit = True
    return ended.wait(END_SECONDS)


def end_process() -> None:
    """End at once: Python would wait for the threads of pages that wait. They only read."""
    sys.stderr.flush()
    os._exit(0)


def end_command(work: "Work") -> None:
    """Stop the command that the page runs, and wait for its end. A second Ctrl-C does not wait."""
    run = work.current
    if run and run.is_running:
        log(f"Stopping `python -m jobs {run.command}`: it goes on from there at the next time. Ctrl-C does not wait.")
    try:
        work.close()
    except KeyboardInterrupt:
        log(f"`python -m jobs {run.command if run else ''}` is still stopping.")


def build_server(application: Any) -> Any:
    """uvicorn's server of the application. It logs no requests: the token must not be in a log line."""
    import uvicorn

    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
        )
    )


def bind(host: str, port: int | None) -> socket.socket:
    """A socket that listens. Without a port the first free one from PORT on. Raises JobError."""
    failed: Any = None
    for candidate in [port] if port is not None else range(PORT, PORT + PORTS):
        try:
            return socket.create_server((host, candidate), backlog=512)
        except OSError as error:
            failed = error
    where = f"{host}:{port}" if port is not None else f"{host}, ports {PORT} to {PORT + PORTS - 1}"
    raise JobError(
        f"The application cannot listen at {where} ({failed.strerror}): give a free one with --port PORT.",
        ErrorKind.unavailable,
    )
