"""The laptop's services: two embedded PostgreSQL servers (`laptop` and `cloud`) and Azurite, under `.local/`.

Each starts when a command needs it and stays up until `local down`; two commands at once start it once.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient

from jobs.local import azurite, postgres
from jobs.local.ports import HOST
from jobs.state import exclusive_lock, state_folder, write_atomically

LOCK = ("lock", "Another command has been starting the services")
SERVICES = ("laptop", "cloud", "azurite")
CONTAINERS = {"imagenes": "imagenes", "lake": "raw"}  # account: container


def laptop_url() -> str:
    """The libpq URL of the laptop's database, its server started where it is not running."""
    start_services("laptop")
    return postgres_server("laptop").url()


def local_outputs() -> dict[str, Any]:
    """What a stack's outputs would be, for the laptop, its services started where they are not running."""
    start_services("cloud", "azurite")
    found: dict[str, Any] = json.loads((state_folder() / "outputs.json").read_text(encoding="utf-8"))
    return found


def postgres_server(name: str) -> postgres.Server:
    return postgres.Server(state_folder() / name)


def storage_server() -> azurite.Server:
    return azurite.Server(state_folder() / "azurite")


def start_services(*names: str) -> None:
    """Start the named services, side by side, where they are not running."""
    starters: dict[str, Callable[[], None]] = {
        "laptop": postgres_server("laptop").start,
        "cloud": postgres_server("cloud").start,
        "azurite": start_storage,
    }
    with exclusive_lock(*LOCK):
        run_concurrently([starters[name] for name in names])
        if "cloud" in names and "azurite" in names:
            write_atomically(state_folder() / "outputs.json", json.dumps(read_published(), indent=2) + "\n")


def stop_services() -> None:
    """Stop every service."""
    with exclusive_lock(*LOCK):
        run_concurrently([postgres_server("laptop").stop, postgres_server("cloud").stop, storage_server().stop])


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where each service can be reached; None where it is not running."""

    laptop: str | None
    cloud: str | None
    azurite: dict[str, str] | None
    folder: str

    def summary(self) -> str:
        azurite = ", ".join(self.azurite.values()) if self.azurite else None
        services = {"laptop": self.laptop, "cloud": self.cloud, "azurite": azurite}
        return "\n".join(f"{name:8} {place or 'not running'}" for name, place in services.items())


def service_status() -> Status:
    """Which services are running, and where."""
    laptop, cloud, store = postgres_server("laptop"), postgres_server("cloud"), storage_server()
    return Status(
        laptop=laptop.url() if laptop.running() else None,
        cloud=cloud.url() if cloud.running() else None,
        azurite={account: store.url(account) for account in azurite.ACCOUNTS} if store.running() else None,
        folder=str(state_folder()),
    )


@contextmanager
def running_services() -> Iterator[None]:
    """Every service for the length of the block; if none ran before, none runs afterwards."""
    before = service_status()
    was_up = bool(before.laptop or before.cloud or before.azurite)
    try:
        start_services(*SERVICES)
        yield
    finally:
        if not was_up:
            stop_services()


def run_concurrently(work: list[Callable[[], None]]) -> None:
    """Run the functions side by side; the first failure is raised when all have ended."""
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(function) for function in work]:
            done.result()


def start_storage() -> None:
    """Start Azurite and make the two containers: whoever killed it may have taken them along."""
    storage_server().start()
    for account, container in CONTAINERS.items():
        with BlobServiceClient(storage_server().url(account), credential=azurite.KEY) as client:
            try:
                client.create_container(container)
            except ResourceExistsError:
                continue


def read_published() -> dict[str, Any]:
    """The running services as a stack's outputs: the same names, other values."""
    cloud = postgres_server("cloud")
    return {
        "subscription_id": "",
        "resource_group": "",
        "postgres_host": HOST,
        "postgres_port": cloud.port(),
        "postgres_database": postgres.DATABASE,
        "postgres_user": postgres.USER,
        "postgres_auth": "password",
        "postgres_password": (cloud.folder / "password").read_text(encoding="utf-8"),
        "postgres_sslmode": "disable",
        "pictures_url": storage_server().url("imagenes"),
        "pictures_container": CONTAINERS["imagenes"],
        "lake_url": storage_server().url("lake"),
        "lake_dfs_url": storage_server().url("lake"),
        "lake_container": CONTAINERS["lake"],
        "storage_auth": "key",
        "storage_key": azurite.KEY,
        "vault_name": "",
        "vault_location": "",
        "vault_url": "https://vault.invalid/",
        "factory_name": "",
        "foundry_account": "",
        "foundry_location": "",
        "foundry_project": "",
        "foundry_endpoint": "",
        "search_url": "",
        "pipeline_runner": "local",
    }
