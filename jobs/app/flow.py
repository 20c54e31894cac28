"""The flow page: the places with their counts, the files of the lake, the last pipeline runs, and the commands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jobs.app.desk import Desk, Setup, State
from jobs.app.page import desk_of, render, show_not_ready
from jobs.app.work import CHANGING, TYPED, names_of_commands
from jobs.errors import JobError
from jobs.local.services import postgres_server, service_status
from jobs.pipeline.results import RunSummary
from jobs.pipeline.runs import list_local_runs, list_runs, show_run
from jobs.postgres.connection import Database, fetch_value
from jobs.postgres.roles import as_reader
from jobs.search.pgvector_search import open_read_only
from jobs.storage import lake
from jobs.storage.client import lake_container, list_files, pictures_container, translate_storage_errors
from jobs.target import Target

UPLOADED = "train/"
RUNS, DAYS = 5, 7
SERVICES = ("laptop", "cloud", "azurite")
STATES = {"Ready": "running", "Stopped": "paused"}  # the page's words for Azure's; others are shown as they are
WORDS = (*SERVICES, *STATES.values(), "stopped")


@dataclass(frozen=True)
class Answer:
    """What a place answers: a value, or the sentence with which it refuses."""

    value: Any = None
    error: str = ""


@dataclass(frozen=True)
class LakeFile:
    """One of the lake's files that others depend on."""

    name: str
    bytes: int
    changed: datetime


@dataclass(frozen=True)
class RunDetails:
    """A pipeline run, and its summary with activities."""

    run: RunSummary
    summary: str


def ask(question: Callable[[], object]) -> Answer:
    """The answer to a question. A place that refuses does not keep the others from answering."""
    try:
        return Answer(question())
    except JobError as error:
        return Answer(error=str(error))


def show_flow(request: Request) -> Response:
    """The page. It only reads."""
    desk = desk_of(request)
    if desk.state is State.starting or desk.target is None:
        return show_not_ready(request)
    answers: dict[str, Any] = ask_all(questions(desk, desk.target))
    commands = shown_commands(desk.setup)
    return render(request, "flow.html", **answers, typed=TYPED, commands=commands, words=WORDS)


def questions(desk: Desk, target: Target) -> dict[str, Callable[[], object]]:
    """What the page asks the places, by the names of its template."""
    asked: dict[str, Callable[[], object]] = {
        "database": lambda: count_rows(as_reader(target)),
        "uploaded": lambda: count_files(target),
        "pictures": lambda: len(lake_files(target, lake.PICTURES)),
        "files": lambda: lake_files(target, lake.EMBEDDINGS) + lake_files(target, lake.INDEX),
        "runs": lambda: list_last_runs(desk.setup, target),
        "indexed": lambda: len(desk.lake().ids),
    }
    if desk.setup.is_local:
        return asked | {"laptop": count_laptop, "states": local_states}
    asked["states"] = lambda: stack_states(target)
    if desk.setup.target != "local":  # outputs alone do not say which settings are theirs
        asked["cost"] = lambda: estimate(desk.setup)
    return asked


def ask_all(asked: dict[str, Callable[[], object]]) -> dict[str, Any]:
    """The answers, all asked at once: one that waits for a server that does not answer delays no other."""
    with ThreadPoolExecutor(len(asked)) as pool:
        return dict(zip(asked, pool.map(ask, asked.values()), strict=True))


def local_states() -> dict[str, str]:
    """Whether each service of the laptop is running."""
    status = service_status()
    return {name: "running" if getattr(status, name) else "stopped" for name in SERVICES}


def stack_states(target: Target) -> dict[str, str]:
    """What the stack's database server does. Raises JobError."""
    from jobs.azure.arm import Arm
    from jobs.pause.server import Server

    with Arm() as arm:
        server = Server(arm, target)
        state = server.state()
    return {server.name: STATES.get(state, state)}


def count_laptop() -> int | None:
    """The rows of the laptop's database. It is not started: None while it does not run."""
    server = postgres_server("laptop")
    return count_rows(server.url()) if server.is_running() else None


def count_rows(database: Database) -> int | None:
    """The rows of a table; None without a table."""
    with open_read_only(database) as db:
        exists = fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NOT NULL")
        return int(fetch_value(db, "SELECT count(*) FROM imagenes_fer")) if exists else None


def count_files(target: Target) -> int:
    """How many pictures `upload` has copied to Blob Storage."""
    container = pictures_container(target)
    with translate_storage_errors(container):
        return sum(1 for _ in list_files(container, UPLOADED))


def lake_files(target: Target, prefix: str) -> list[LakeFile]:
    """The files of the lake below a prefix."""
    container = lake_container(target)
    with translate_storage_errors(container):
        return [LakeFile(each.name, each.size, each.last_modified) for each in list_files(container, prefix)]


def list_last_runs(setup: Setup, target: Target) -> list[RunDetails]:
    """The last pipeline runs with their activities. Raises JobError."""
    stack = None if setup.is_local else target
    listed = list_runs(stack, DAYS, RUNS) if stack else list_local_runs(DAYS, RUNS)
    return [RunDetails(run, show_run(stack, run.run_id).summary()) for run in listed.runs]


def estimate(setup: Setup) -> Any:
    """What the stack costs. Raises JobError."""
    from jobs.cost.run import estimate_cost

    return estimate_cost(setup.target)


def shown_commands(setup: Setup) -> list[tuple[str, bool]]:
    """The commands of the page in their order, and whether there is a button; without --operate they are to copy."""
    allowed = setup.is_local or setup.operate
    return [(name, allowed or name not in CHANGING) for name in names_of_commands(setup)]
