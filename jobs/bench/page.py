"""Searches by the page against those of the command; pictures given at once against one after the other."""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import psutil
import requests

from jobs.app.work import parse_object, start_process, stop_process
from jobs.bench.page_figures import Memory, measure_memory
from jobs.bench.step import Step, StepRun
from jobs.bench.workspace import Workspace, execute_autocommit
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.index.run import build_index
from jobs.local.services import laptop_url, running_services
from jobs.migrate.run import migrate_table
from jobs.pictures.scan import find_pictures
from jobs.pipeline.local_runner.run import run_locally
from jobs.postgres.connection import target_url
from jobs.state import nested_state_folder, state_folder
from jobs.storage.client import pictures_container
from jobs.target import load_target
from jobs.upload.run import upload_pictures

PIPELINE = "PL_Migrar_Datos_FER"
COMMANDS, SEARCHES, AT_ONCE = 3, 60, 48
LONGEST_SECONDS = 300.0
SEARCH = {"k": "10"}
MORE_ROWS = """
WITH kept AS (SELECT row_number() OVER (ORDER BY id) - 1 AS number, emotion, vector FROM imagenes_fer)
INSERT INTO imagenes_fer (id, filepath, emotion, vector)
SELECT 1000000 + n, 'more/' || n || '.png', emotion, vector
FROM generate_series(1, {rows}) n JOIN kept ON number = n % (SELECT count(*) FROM kept)
"""


@dataclass(frozen=True)
class ServedPage:
    """The application in a process of its own, asked as a browser does. `memory` is that before any search."""

    process: psutil.Process
    url: str
    cookies: dict[str, str]
    word: str
    memory: Memory

    def search(self, picture: Path) -> Any:
        """Give a picture. Returns the results, as the object of `search --json` has them."""
        given = requests.post(
            f"{self.url}/search",
            {"word": self.word, **SEARCH},
            files={"picture": ("picture.jpg", picture.read_bytes())},
            headers={"Origin": self.url},
            cookies=self.cookies,
            allow_redirects=False,
            timeout=LONGEST_SECONDS,
        )
        given.raise_for_status()
        address = given.headers["Location"].partition("#")[0]
        found = requests.get(f"{self.url}{address}&as=json", cookies=self.cookies, timeout=LONGEST_SECONDS)
        return found.json()["results"]


def page_steps(page: ServedPage, faces: Sequence[Path]) -> Iterator[Step]:
    """`faces` are pictures to search for."""
    yield Step(
        name="search by the page",
        unit="searches",
        baseline="`jobs search`, once for each picture",
        ours="the page, its answer as JSON",
        run_baseline=lambda: time_searches(search_by_command, faces[:COMMANDS]),
        run_ours=lambda: time_searches(page.search, faces[:SEARCHES]),
        compare=check_same_results,
        goal=30,
    )
    yield Step(
        name="pictures at once",
        unit="searches",
        baseline="the page, one picture after the other",
        ours=f"the page, {AT_ONCE} pictures at once",
        run_baseline=lambda: time_searches(page.search, faces[:AT_ONCE]),
        run_ours=lambda: time_searches(page.search, faces[:AT_ONCE], at_once=AT_ONCE),
        compare=check_same_results,
        goal=1.3,
    )


@contextmanager
def served_page(faces: Path, weights: Path, rows: int) -> Iterator[ServedPage]:
    """The page over a lake of `rows` vectors, with services of its own: yours are not touched. All is deleted after."""
    with nested_state_folder("bench"):
        try:
            with running_services():
                fill_lake(faces, weights, rows)
                with open_page() as page:
                    yield page
        finally:
            shutil.rmtree(state_folder(), ignore_errors=True)


@contextmanager
def open_page() -> Iterator[ServedPage]:
    """The page over the services that run. Raises JobError if it does not start."""
    process = start_process(["app", "--no-open", "--port", "0"], str(state_folder()))
    try:
        yield log_in(process)
    finally:
        stop_process(process)
        process.communicate()


def fill_lake(faces: Path, weights: Path, rows: int) -> None:
    """Bring the pictures through every step; then more rows with the same vectors."""
    target = load_target("local")
    pictures = embed_pictures(faces, laptop_url(), EmbedOptions(weights=str(weights))).embedded
    migrate_table(laptop_url(), target)
    execute_autocommit(target_url(target), MORE_ROWS.format(rows=max(rows - pictures, 0)))
    upload_pictures(faces, pictures_container(target))
    run = run_locally(target, PIPELINE, {})
    if run.status != "Succeeded":
        raise JobError(f"The pipeline of the bench failed: {run.error}")
    build_index(target, "lake")


def log_in(process: "Popen[str]") -> ServedPage:
    """Wait until the application is ready, and open its printed address. Raises JobError if it ends before."""
    lines: list[str] = []
    for line in process.stderr or ():
        lines.append(line)
        if "ready after" in line:
            break
    else:
        raise JobError(f"The page of the bench did not start: {' '.join(lines)}")
    url = re.findall(r"http://\S+", "".join(lines))[0]
    with requests.Session() as session:
        page = session.get(url, timeout=LONGEST_SECONDS)
        word = re.findall(r'name="word" value="(\w+)"', page.text)[0]
        cookies = {each.name: str(each.value) for each in session.cookies}
        server = psutil.Process(process.pid)
        return ServedPage(server, url.partition("/?")[0], cookies, word, measure_memory(server))


def time_searches(search: Any, pictures: Sequence[Path], at_once: int = 1) -> StepRun:
    """Search for every picture, with so many at the same time. `result` has the results of each."""
    with ThreadPoolExecutor(at_once) as pool:
        started = time.perf_counter()
        results = list(pool.map(search, pictures))
        return StepRun(len(pictures), time.perf_counter() - started, results)


def search_by_command(picture: Path) -> Any:
    """Run `jobs search`. Returns its results."""
    process = start_process(["search", str(picture), "--json", "--k", SEARCH["k"]], str(state_folder()))
    text, _ = process.communicate()
    return parse_object(text)["results"]


def check_same_results(baseline: list[Any], ours: list[Any]) -> str:
    both = min(len(baseline), len(ours))
    if not both or baseline[:both] != ours[:both]:
        raise JobError("The page and its baseline found different pictures or distances: please report that.")
    return "identical bit for bit"


def draw_faces(workspace: Workspace, pictures: int) -> tuple[Path, list[Path]]:
    """A folder of drawn faces, and its files."""
    folder = workspace.draw_pictures(pictures)
    return folder, [picture.path for picture in find_pictures(folder).pictures]
