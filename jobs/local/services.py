"""The laptop's services: two embedded PostgreSQL servers (`laptop` and `cloud`) and Azurite, under `.local/`.

A service starts when a command needs it, and runs until `local down`. Two commands at once start it only once.
"""

import json
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient

from jobs.computer import synchronizer_note
from jobs.interrupts import uninterrupted, when_window_closes
from jobs.local import postgres
from jobs.local.azurite import ACCOUNTS, AzuriteServer
from jobs.local.finetune_endpoint import EndpointServer, endpoint_folder
from jobs.local.outputs import CONTAINERS, build_outputs
from jobs.local.postmaster import ENDED
from jobs.local.restored import finish_restore
from jobs.notice import say_if_slow
from jobs.state import exclusive_lock, state_folder, write_atomically
from jobs.terminal import log

LOCK = ("lock", "Another command has been starting the services")
SERVICES = ("laptop", "cloud", "azurite")


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


def storage_server() -> AzuriteServer:
    return AzuriteServer(state_folder() / "azurite")


def finetune_server() -> EndpointServer:
    return EndpointServer(endpoint_folder())


def start_services(*names: str) -> None:
    """Start those of the named services that are not running, all at the same time."""
    if not all((state_folder() / name).exists() for name in names):
        warn_of_synchronizer()
    with exclusive_lock(*LOCK):
        finish_restore(SERVICES, stop_all)
        start_all(names)


def start_all(names: Collection[str]) -> None:
    """Start the named services. The caller holds the lock."""
    starters: dict[str, Callable[[], None]] = {
        "laptop": postgres_server("laptop").start,
        "cloud": postgres_server("cloud").start,
        "azurite": start_storage,
    }
    with say_if_slow(f"Starting the services: {', '.join(names)}"):
        run_concurrently([starters[name] for name in names])
    if "cloud" in names and "azurite" in names:
        outputs = build_outputs(postgres_server("cloud"), storage_server())
        write_atomically(state_folder() / "outputs.json", json.dumps(outputs, indent=2) + "\n")


def warn_of_synchronizer() -> None:
    """Print a line where the state folder is inside OneDrive or the like. It is time to choose another one."""
    note = synchronizer_note(str(state_folder()))
    if note:
        log(note)


def stop_services() -> None:
    """Stop every service."""
    with exclusive_lock(*LOCK):
        run_concurrently([stop_all, finetune_server().stop])


def stop_all() -> None:
    """Stop every service. The caller holds the lock."""
    with say_if_slow("Stopping the services"):
        run_concurrently([postgres_server("laptop").stop, postgres_server("cloud").stop, storage_server().stop])


def stop_at_once() -> None:
    """Stop every service within seconds: the window is closing. It does not wait for the lock: this command has it."""
    stop_storage = partial(storage_server().stop, at_once=True)
    run_concurrently(
        [finetune_server().stop, stop_storage, postgres_server("laptop").stop, postgres_server("cloud").stop]
    )


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """The URL of each service, and how to log in to each database; None where it is not running."""

    laptop: str | None
    cloud: str | None
    azurite: dict[str, str] | None
    folder: str
    logins: dict[str, dict[str, str | int | None] | None]
    finetune: str | None
    """The URL of the fine-tuned model's endpoint."""
    unanswered: dict[str, str]
    """Why a service whose process runs does not answer, and what to do."""

    def summary(self) -> str:
        azurite = ", ".join(self.azurite.values()) if self.azurite else None
        services = {"laptop": self.laptop, "cloud": self.cloud, "azurite": azurite}
        services |= {"finetune": self.finetune} if self.finetune else {}
        lines = []
        for name, url in services.items():
            lines.append(f"{name:8} {url or self.unanswered.get(name) or 'not running'}")
            if login := self.logins.get(name):
                lines.append(f"{'':8} " + ", ".join(f"{key} {value}" for key, value in login.items()))
        return "\n".join(lines)


def service_status() -> ServiceStatus:
    """Find out which services are running."""
    servers, store = {name: postgres_server(name) for name in ("laptop", "cloud")}, storage_server()
    silences = {name: server.silence() for name, server in servers.items()} | {"azurite": store.silence()}
    urls = {name: None if silences[name] else server.url() for name, server in servers.items()}
    return ServiceStatus(
        laptop=urls["laptop"],
        cloud=urls["cloud"],
        azurite=None if silences["azurite"] else {account: store.url(account) for account in ACCOUNTS},
        finetune=finetune_server().url(),
        folder=str(state_folder()),
        logins={name: server.login() if urls[name] else None for name, server in servers.items()},
        unanswered={name: silence for name, silence in silences.items() if silence not in (None, ENDED)},
    )


@contextmanager
def running_services() -> Iterator[None]:
    """Start every service for the block. They are stopped afterwards if none was running before.

    That holds for every end that can be waited for: Ctrl-C (pressed again, too), a closed terminal or window, `kill`.
    """
    before = service_status()
    if before.laptop or before.cloud or before.azurite or before.unanswered:
        start_services(*SERVICES)
        yield
        return
    with when_window_closes(stop_at_once):
        try:
            start_services(*SERVICES)
            yield
        finally:
            with uninterrupted():
                stop_services()


def run_concurrently(work: list[Callable[[], None]]) -> None:
    """Call the functions in threads and wait for all of them, whatever happens. Raises the first error."""
    pool = ThreadPoolExecutor()
    try:
        for future in [pool.submit(function) for function in work]:
            future.result()
    finally:
        with uninterrupted():  # else a service could start after this command has stopped the others
            pool.shutdown()


def start_storage() -> None:
    """Start Azurite, and create the two containers: they may be gone if it was killed before it saved them."""
    storage_server().start()
    for account, container in CONTAINERS.items():
        with BlobServiceClient(storage_server().url(account), credential=storage_server().key()) as client:
            try:
                client.create_container(container)
            except ResourceExistsError:
                continue
