"""Connect to Ray: start it on this machine for as long as it is used, or use a running cluster."""

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
from jobs.embed.suppress import suppress_native_stderr
from jobs.errors import ErrorKind, JobError

LOCAL = "local"  # Ray's own address for: start Ray on this machine
STORE_BYTES = 256 * 1024 * 1024  # for the weights and some thousand vectors; Ray's default is 30% of the memory
CONNECT_SECONDS = 10
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # send no usage statistics
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # do not report each lost worker: it is replaced
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # or Ray warns of a change in a future version
}


@contextmanager
def ray_session(address: str) -> Iterator[None]:
    """Connect to Ray for the block, and leave no process behind. An existing connection is used and kept.

    Raises JobError if there is no Ray at the address.
    """
    if ray.is_initialized():
        yield
        return
    os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
    if address != LOCAL:
        check_cluster(address)
    with redirect_stdout(sys.stderr):  # one of Ray's threads reports lost workers on stdout, where the JSON goes
        try:
            start_session(address)
            for name in ("ray", "ray.data"):
                logging.getLogger(name).setLevel(logging.ERROR)
            yield
        finally:
            ray.shutdown()


def start_session(address: str) -> None:
    """Start Ray, or connect to it. Raises JobError with Ray's own reason if that fails."""
    settings = local_settings() if address == LOCAL else cluster_settings()
    try:
        with suppress_native_stderr():
            ray.init(address, log_to_driver=False, logging_level="ERROR", **settings)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        token = "" if address == LOCAL else " (set RAY_AUTH_TOKEN to the cluster's token, if it has one)"
        raise JobError(
            f"Ray does not start at {address} ({reason}): fix that{token}, or use --engine local.",
            ErrorKind.unavailable,
        ) from error


def check_cluster(address: str) -> None:
    """Raises JobError if nothing answers at HOST:PORT: Ray would wait for ever and ignore Ctrl-C."""
    host, _, port = address.rpartition(":")
    advice = "give HOST:PORT of its head node, or leave out --ray-address and RAY_ADDRESS"
    if not host or not port.isdigit() or "/" in host:
        raise JobError(f"{address} is not an address of a Ray cluster: {advice}.", ErrorKind.invalid)
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        raise JobError(
            f"No Ray cluster answers at {address} ({error.strerror or error}): {advice}.", ErrorKind.unavailable
        ) from error


def local_settings() -> dict[str, Any]:
    """Return the settings to start Ray on this machine."""
    return {"include_dashboard": False, "object_store_memory": STORE_BYTES}


def cluster_settings() -> dict[str, Any]:
    """Return the settings for a cluster: its machines have the requirements, and get this package from this machine."""
    return {"runtime_env": {"py_modules": [str(Path(jobs.__file__).parent)], "excludes": ["__pycache__"]}}
