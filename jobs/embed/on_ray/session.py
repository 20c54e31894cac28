"""Connect to Ray: start it on this machine for as long as it is used, or use a cluster that runs."""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import ray

import jobs
from jobs.errors import JobError

HERE = "local"  # an address, for Ray too: this machine, with a Ray of its own
STORE_BYTES = 256 * 1024 * 1024  # the weights and some thousand vectors; Ray would take 30% of the memory
CONNECT_SECONDS = 10
STDERR = 2  # the descriptor
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # what is done here is nobody else's business
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # of what is built to be lost and made again, it tells each loss
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # or Ray warns of what it will do one day
}


@contextmanager
def ray_session(address: str) -> Iterator[None]:
    """Ray for the block, and no process of it behind; one that is connected already is used, and stays.

    Raises Failure where there is none at the address.
    """
    if ray.is_initialized():
        yield
        return
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    if address != HERE:
        check_cluster(address)
    with redirect_stdout(sys.stderr):  # a thread of Ray's tells of lost workers there, where the caller's JSON goes
        try:
            start_session(address)
            for name in ("ray", "ray.data"):
                logging.getLogger(name).setLevel(logging.ERROR)
            yield
        finally:
            ray.shutdown()


def start_session(address: str) -> None:
    """Start Ray, or connect to one. Raises Failure with what Ray says where it cannot."""
    how = local_settings() if address == HERE else cluster_settings()
    try:
        with suppress_stderr():
            ray.init(address, log_to_driver=False, logging_level="ERROR", **how)
    except (OSError, RuntimeError, ValueError) as error:
        said = str(error).strip().splitlines()[0].rstrip(".")
        token = "" if address == HERE else " (RAY_AUTH_TOKEN must be the cluster's, where it has one)"
        raise JobError(f"Ray does not begin at {address} ({said}): mend that{token}, or say --engine local.") from error


@contextmanager
def suppress_stderr() -> Iterator[None]:
    """Have what Ray's C++ side writes of its own log level go nowhere."""
    kept = os.dup(STDERR)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)


def check_cluster(address: str) -> None:
    """Raises Failure where nothing answers at HOST:PORT: Ray would wait for ever, and not be stopped."""
    host, _, port = address.rpartition(":")
    how = "give HOST:PORT of its head node, or leave out --ray-address and RAY_ADDRESS"
    if not host or not port.isdigit() or "/" in host:
        raise JobError(f"{address} is no address of a Ray cluster: {how}.")
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        raise JobError(f"No Ray cluster answers at {address} ({error.strerror or error}): {how}.") from error


def local_settings() -> dict[str, Any]:
    """How Ray is started on this machine."""
    return {"include_dashboard": False, "object_store_memory": STORE_BYTES}


def cluster_settings() -> dict[str, Any]:
    """How a cluster is used: its machines have the requirements, and get this package from here."""
    return {"runtime_env": {"py_modules": [str(Path(jobs.__file__).parent)], "excludes": ["__pycache__"]}}
