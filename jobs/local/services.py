"""The laptop's services: two embedded PostgreSQL servers (`laptop` and `cloud`) and Azurite, under `.local/`.

A service starts when a command needs it, and runs until `local down`. Two commands at once start it only once.
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
from jobs.notice import say_if_slow
from jobs.state import exclusive_lock, state_folder, write_atomically

LOCK = ("lock", "Another command has been starting the services")
SERVICES = ("laptop", "cloud", "azurite")
CONTAINERS = {"imagenes": "imagenes", "lake": "raw"}  # account: container


def laptop_url() -> str:
    """The libpq URL of the laptop's database. Its server is started if it is not running."""
    start_services("laptop")
    return postgres_server("laptop").url()


def local_outputs() -> dict[str, Any]:
    """The laptop's services as the outputs of a stack. They are started if they are not running."""
    start_services("cloud", "azurite")
    outputs: dict[str, Any] = json.loads((state_folder() / "outputs.json").read_text(encoding="utf-8"))
    return outputs


def postgres_server(name: str) -> postgres.PostgresServer:
    return postgres.PostgresServer(state_folder() / name)


def storage_server() -> azurite.AzuriteServer:
    return azurite.AzuriteServer(state_folder() / "azurite")


def start_services(*names: str) -> None:
    """Start those of the named services that are not running, all at the same time."""
    starters: dict[str, Callable[[], None]] = {
        "laptop": postgres_server("laptop").start,
        "cloud": postgres_server("cloud").start,
        "azurite": start_storage,
    }
    with exclusive_lock(*LOCK):
        with say_if_slow(f"Starting the services: {', '.join(names)}"):
            run_concurrently([starters[name] for name in names])
        if "cloud" in names and "azurite" in names:
            write_atomically(state_folder() / "outputs.json", json.dumps(build_outputs(), indent=2) + "\n")


def stop_services() -> None:
    """Stop every service."""
    with exclusive_lock(*LOCK), say_if_slow("Stopping the services"):
        run_concurrently([postgres_server("laptop").stop, postgres_server("cloud").stop, storage_server().stop])


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """The URL of each service, and how to log in to each database; None where it is not running."""

    laptop: str | None
    cloud: str | None
    azurite: dict[str, str] | None
    folder: str
    logins: dict[str, dict[str, str | int | None] | None]

    def summary(self) -> str:
        azurite = ", ".join(self.azurite.values()) if self.azurite else None
        services = {"laptop": self.laptop, "cloud": self.cloud, "azurite": azurite}
        lines = []
        for name, url in services.items():
            lines.append(f"{name:8} {url or 'not running'}")
            if login := self.logins.get(name):
                lines.append(f"{'':8} " + ", ".join(f"{key} {value}" for key, value in login.items()))
        return "\n".join(lines)


def service_status() -> ServiceStatus:
    """Find out which services are running."""
    laptop, cloud, store = postgres_server("laptop"), postgres_server("cloud"), storage_server()
    running = {"laptop": laptop.is_running(), "cloud": cloud.is_running()}
    return ServiceStatus(
        laptop=laptop.url() if running["laptop"] else None,
        cloud=cloud.url() if running["cloud"] else None,
        azurite={account: store.url(account) for account in azurite.ACCOUNTS} if store.is_running() else None,
        folder=str(state_folder()),
        logins={name: postgres_server(name).login() if runs else None for name, runs in running.items()},
    )


@contextmanager
def running_services() -> Iterator[None]:
    """Start every service for the block. They are stopped afterwards if none was running before."""
    before = service_status()
    was_up = bool(before.laptop or before.cloud or before.azurite)
    try:
        start_services(*SERVICES)
        yield
    finally:
        if not was_up:
            stop_services()


def run_concurrently(work: list[Callable[[], None]]) -> None:
    """Call the functions in threads and wait for all of them. Raises the first error."""
    with ThreadPoolExecutor() as pool:
        for future in [pool.submit(function) for function in work]:
            future.result()


def start_storage() -> None:
    """Start Azurite, and create the two containers: they may be gone if it was killed before it saved them."""
    storage_server().start()
    for account, container in CONTAINERS.items():
        with BlobServiceClient(storage_server().url(account), credential=azurite.KEY) as client:
            try:
                client.create_container(container)
            except ResourceExistsError:
                continue


def build_outputs() -> dict[str, Any]:
    """The running services as outputs of a stack: the names of infra's outputs, the laptop's values."""
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
