"""Which deployment answers for an alias: that of the alias itself, or where a migration's weights send this person."""

import getpass
import platform
from pathlib import Path
from threading import Thread

from jobs.errors import JobError
from jobs.models.migrate.state import read_state
from jobs.models.router import Router
from jobs.models.routing import FileStore, Store
from jobs.target import Target

WAIT_SECONDS = 3.0  # for the lake: without its answer the alias itself is asked


def routed_deployment(target: Target, alias: str) -> str:
    """The deployment that the weights of `models migrate` choose; the alias itself where there are none.

    The same person on the same computer stays with one, as `models migrate` promises.
    """
    found: list[bytes] = []
    reader = Thread(target=lambda: found.extend(read_weights(target, alias)), daemon=True)
    reader.start()
    reader.join(WAIT_SECONDS)
    try:
        return Router(lambda: found[0]).pick(f"{getpass.getuser()}@{platform.node()}") if found else alias
    except ValueError:  # not a file of weights: `models migrate status` says what is wrong with it
        return alias


def read_weights(target: Target, alias: str) -> list[bytes]:
    """The text of the weights, from where `models migrate start` put them; an empty list where there are none."""
    try:
        found = find_store(target, alias).load()
    except (JobError, OSError):
        return []
    return [found[0]] if found else []


def find_store(target: Target, alias: str) -> Store:
    """The file that this machine's migration names, else the blob of the stack's lake. Raises JobError."""
    at = read_state(target.foundry_account, alias) if target.foundry_account else None
    if at and at.routing:
        return FileStore(Path(at.routing))
    from jobs.models.lake_routing import LakeStore
    from jobs.storage.client import lake_container

    return LakeStore(lake_container(target), alias)
