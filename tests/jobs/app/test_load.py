"""Many at once, and many one after another: none lost, none wrong, and nothing left behind."""

import re
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from jobs.app.turns import BATCH, MOST_WAITING, BusyError, Turns
from jobs.provenance import Provenance
from jobs.search.networks import Networks
from tests.jobs.cli_process import LONGEST_SECONDS
from tests.jobs.served import Served

FACE = "happy/face_00002.jpg"
SEARCHES, WARM = 500, 40
MOST_GROWTH = 64 * 2**20  # bytes: a picture that stayed at each search would be more
FORGOTTEN = "was forgotten"


class WaitingNetworks(Networks):
    """Networks that say when they begin, and compute when they may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may = threading.Event(), threading.Event()

    def load(self, made_with: Provenance) -> None:
        self.begun.set()
        self.may.wait()
        super().load(made_with)


def give_at_once(application: Served, folder: Path, count: int) -> list[requests.Response]:
    """The answers to so many pictures, each sent over a connection of its own."""
    pictures, word = sorted(folder.rglob("*.jpg")), application.word()
    cookies = dict(application.session.cookies)

    def give(number: int) -> requests.Response:
        data = pictures[number % len(pictures)].read_bytes()
        return requests.post(
            f"{application.url}/search",
            {"word": word, "k": "1"},
            files={"picture": ("a.jpg", data)},
            headers={"Origin": application.url},
            cookies=cookies,
            timeout=300,
        )

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(give, range(count)))


def nearest_paths(answers: list[requests.Response]) -> list[str]:
    return [re.findall(r'<p class="path">(.+?)</p>', answer.text)[-1].replace("<wbr>", "") for answer in answers]


def expected_paths(folder: Path, count: int) -> list[str]:
    paths = [path.relative_to(folder / "train").as_posix() for path in sorted(folder.rglob("*.jpg"))]
    return [paths[number % len(paths)] for number in range(count)]


def test_one_hundred_pictures_at_once_are_all_answered_and_right(application: Served, many_faces: Path) -> None:
    before = len(application.desk.turns.batches)
    answers = give_at_once(application, many_faces, 100)
    assert Counter(answer.status_code for answer in answers) == {200: 100}
    assert nearest_paths(answers) == expected_paths(many_faces, 100)
    assert max(list(application.desk.turns.batches)[before:]) > 1


def test_of_four_hundred_at_once_the_queue_takes_its_number_and_the_rest_is_asked_to_come_later(
    application: Served, many_faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = WaitingNetworks()
    turns = Turns(networks)
    monkeypatch.setattr(application.desk, "turns", turns)
    refused = threading.Semaphore(0)
    submit = turns.submit

    def count_refusals(*arguments: object) -> object:
        try:
            return submit(*arguments)  # type: ignore[arg-type]
        except BusyError:
            refused.release()
            raise

    monkeypatch.setattr(turns, "submit", count_refusals)

    def release_when_full() -> None:
        expected = range(400 - MOST_WAITING - BATCH)
        all(refused.acquire(timeout=LONGEST_SECONDS) for _ in expected)  # else what follows fails
        networks.may.set()

    releaser = threading.Thread(target=release_when_full)
    releaser.start()
    answers = give_at_once(application, many_faces, 400)
    releaser.join()
    counts = Counter(answer.status_code for answer in answers)
    taken = counts[200] + counts[404]
    assert set(counts) <= {200, 404, 503} and taken >= MOST_WAITING and counts[503] >= 400 - MOST_WAITING - BATCH
    assert all(answer.headers["Retry-After"] == "5" for answer in answers if answer.status_code == 503)
    shown = [number for number, answer in enumerate(answers) if '<li class="match' in answer.text]
    assert len(shown) == counts[200] >= taken - BATCH  # more than are kept: the first may be forgotten
    assert all(FORGOTTEN in answer.text for answer in answers if answer.status_code == 404)
    expected = expected_paths(many_faces, 400)
    assert nearest_paths([answers[number] for number in shown]) == [expected[number] for number in shown]
    assert max(turns.batches) == BATCH


def test_a_full_queue_is_answered_with_later(
    application: Served, many_faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = WaitingNetworks()
    turns, made_with = Turns(networks), application.desk.searcher.place("lake").made_with()
    turns.submit(None, made_with)
    networks.begun.wait()
    for _ in range(MOST_WAITING):
        turns.submit(None, made_with)
    with pytest.raises(BusyError):
        turns.submit(None, made_with)
    monkeypatch.setattr(application.desk, "turns", turns)
    answer = application.give((many_faces / "train" / FACE).read_bytes())
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    networks.may.set()


def test_the_network_has_one_thread(application: Served) -> None:
    import torch

    loaded = application.desk.turns.submit(None, application.desk.searcher.place("lake").made_with())
    loaded.result()
    assert application.desk.turns.threads == 1
    assert torch.get_num_threads() >= 1


@pytest.mark.exhaustive
def test_five_hundred_searches_leave_nothing_behind(application: Served, many_faces: Path) -> None:
    process, pictures = psutil.Process(), sorted(many_faces.rglob("*.jpg"))

    def search(count: int) -> None:
        for number in range(count):
            path = f"/search?id={number % 70 + 1}&k=3&place={'lake' if number % 5 else 'database'}"
            answer = application.get(path) if number % 20 else application.give(pictures[number % 70].read_bytes())
            assert answer.status_code == 200 and '<li class="match' in answer.text

    search(WARM)
    memory, threads = process.memory_info().rss, process.num_threads()
    files, temporary = len(process.open_files()), len(list(Path(tempfile.gettempdir()).iterdir()))
    search(SEARCHES)
    assert process.memory_info().rss - memory < MOST_GROWTH
    assert process.num_threads() <= threads + 8  # the server's pool of threads, at most
    assert len(process.open_files()) <= files + 4
    assert len(list(Path(tempfile.gettempdir()).iterdir())) <= temporary + 4  # of other programs
    assert len(application.desk.given._kept) <= 256
