"""upload, and what reads the lake, against Blob Storage as Azure has it."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import psutil
import pytest
from azure.core.pipeline.transport import HttpTransport

from jobs import blobs, lake, upload
from jobs.azure import storage_retries
from jobs.blobs import Blob
from jobs.connections import Connections
from jobs.failure import Failure
from jobs.listed import Listed
from jobs.target import Target
from jobs.verify.pictures import Place
from tests.azure.cloud import Answer, Cloud, Request
from tests.azure.programs import Program
from tests.azure.storage import Storage, refusal

HOST = "stferimagenes.blob.core.windows.net"


@pytest.fixture
def storage(cloud: Cloud) -> Storage:
    cloud.services[HOST] = played = Storage(("imagenes", "raw"))
    return played


@pytest.fixture
def azure() -> Target:
    """A stack's storage: one account for both containers."""
    values = {name: "" for name in Target.__dataclass_fields__} | {"postgres_port": 5432}
    there = {"pictures_url": f"https://{HOST}/", "lake_url": f"https://{HOST}/", "storage_auth": "identity"}
    return Target(**values | there | {"pictures_container": "imagenes", "lake_container": "raw"})


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that clients would have waited."""
    waited: list[float] = []
    monkeypatch.setattr(HttpTransport, "sleep", lambda self, seconds: waited.append(seconds))
    return waited


def asked(cloud: Cloud, method: str) -> list[Request]:
    return [each for each in cloud.asked if each.method == method]


def times(number: int, answer: Answer) -> Callable[[Request], Answer | None]:
    """The same answer to the first requests."""
    numbers = count()
    return lambda request: answer if next(numbers) < number else None


def test_pictures_arrive_with_their_md5_and_a_token(
    faces: Path, azure: Target, cloud: Cloud, storage: Storage, az: Program
) -> None:
    result = upload.run(faces, blobs.pictures(azure))
    assert (result.uploaded, result.failed) == (40, [])
    assert {name: data for (_, name), (data, _) in storage.blobs.items()} == {
        path.relative_to(faces).as_posix(): path.read_bytes() for path in faces.rglob("*.jpg")
    }
    for request in asked(cloud, "PUT"):
        md5 = base64.b64encode(hashlib.md5(request.body).digest()).decode()  # noqa: S324 - Azure's choice
        assert request.headers["content-md5"] == request.headers["x-ms-blob-content-md5"] == md5
        assert request.headers["authorization"] == "Bearer marker-token-of-the-tests"
        assert request.headers["x-ms-blob-content-type"] == "image/jpeg"
    assert "https://storage.azure.com" in " ".join(az.calls()[0])


def test_every_page_of_a_listing_is_read(faces: Path, azure: Target, cloud: Cloud, storage: Storage) -> None:
    upload.run(faces, blobs.pictures(azure))
    storage.page = 7
    cloud.asked.clear()
    result = upload.run(faces, blobs.pictures(azure))
    assert (result.uploaded, result.skipped) == (0, 40)
    pages = asked(cloud, "GET")
    assert len(pages) == 6 == len({page.query.get("marker", "") for page in pages})
    assert asked(cloud, "PUT") == []


def test_a_body_that_was_damaged_on_its_way_is_refused(faces: Path, azure: Target, storage: Storage) -> None:
    storage.damage = True
    with pytest.raises(Failure, match=r"damaged on its way: run the same command again"):
        upload.run(faces, blobs.pictures(azure))
    assert storage.blobs == {}


def test_a_run_that_broke_off_goes_on_where_it_was(
    faces: Path, azure: Target, cloud: Cloud, storage: Storage, waits: list[float]
) -> None:
    puts = count()
    broken = refusal(403, "AuthorizationPermissionMismatch", "Not authorized.")
    storage.faults.append(lambda r: broken if r.method == "PUT" and next(puts) >= 15 else None)
    with pytest.raises(Failure):
        upload.run(faces, blobs.pictures(azure))
    there = len(storage.blobs)
    assert 0 < there < 40
    storage.faults.clear()
    result = upload.run(faces, blobs.pictures(azure))
    assert (result.uploaded, result.skipped) == (40 - there, there)


@pytest.mark.parametrize(
    ("status", "when", "least", "most"),
    [
        (503, "7", 7, 9.1),
        (429, "7", 7, 9.1),
        (503, "Fri, 21 Nov 3026 10:00:00 GMT", storage_retries.LONGEST_SECONDS, 76),
    ],
)
def test_a_busy_service_is_asked_again_when_it_says(
    faces: Path,
    azure: Target,
    cloud: Cloud,
    storage: Storage,
    waits: list[float],
    status: int,
    when: str,
    least: float,
    most: float,
) -> None:
    busy = refusal(status, "ServerBusy", "The server is busy.", **{"Retry-After": when})
    storage.faults.append(times(2, busy))
    assert upload.run(faces, blobs.pictures(azure)).uploaded == 40
    assert len(asked(cloud, "GET")) == 3
    assert len(waits) == 2 and all(least < wait < most for wait in waits)


@pytest.mark.parametrize("answer", [Answer(200), Answer(200, b"<html>Log in</html>", {"Content-Type": "text/html"})])
def test_what_is_no_listing_is_told(faces: Path, azure: Target, storage: Storage, answer: Answer) -> None:
    storage.faults.append(lambda request: answer)
    with pytest.raises(Failure, match=r"no listing of Blob Storage's\): run the same command again"):
        upload.run(faces, blobs.pictures(azure))


@pytest.mark.parametrize("status", [503, 429])
def test_a_service_that_stays_busy_is_given_up(
    faces: Path, azure: Target, cloud: Cloud, storage: Storage, waits: list[float], status: int
) -> None:
    storage.faults.append(lambda request: refusal(status, "ServerBusy", "The server is busy."))
    with pytest.raises(Failure, match=r"too busy \(ServerBusy: The server is busy\): wait some minutes"):
        upload.run(faces, blobs.pictures(azure))
    assert len(cloud.asked) == storage_retries.TIMES + 1
    assert waits == sorted(waits) and len(set(waits)) == len(waits)


def test_after_the_deadline_nothing_is_sent_again(
    faces: Path, azure: Target, cloud: Cloud, storage: Storage, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_retries, "DEADLINE_SECONDS", -1)
    storage.faults.append(lambda request: refusal(503, "ServerBusy", "The server is busy."))
    with pytest.raises(Failure, match="too busy"):
        upload.run(faces, blobs.pictures(azure))
    assert (len(cloud.asked), waits) == (1, [])


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "AuthorizationPermissionMismatch", r"role Storage Blob Data Contributor.*ten minutes.*same command"),
        (403, "AuthorizationFailure", r"your network.*`private`"),
        (403, "KeyBasedAuthenticationNotPermitted", r"no keys.*`identity`"),
        (403, "AuthenticationFailed", r"clock.*`az login`"),
        (403, "AccountIsDisabled", r"credit is used up"),
        (401, "InvalidAuthenticationInfo", r"`az login`"),
        (404, "ContainerNotFound", r"no container .*imagenes: `pulumi up`"),
        (409, "ContainerBeingDeleted", r"being deleted: run `pulumi up`"),
        (400, "SomethingNew", r"SomethingNew.*run the same command again"),
    ],
)
def test_what_the_service_refuses(
    faces: Path, azure: Target, storage: Storage, waits: list[float], status: int, code: str, sentence: str
) -> None:
    storage.faults.append(lambda request: refusal(status, code, "No.\nMore."))
    with pytest.raises(Failure, match=sentence) as failure:
        upload.run(faces, blobs.pictures(azure))
    assert "\n" not in str(failure.value) and "RequestId" not in str(failure.value)


def test_a_missing_container_is_not_taken_for_a_missing_parquet(
    azure: Target, storage: Storage, waits: list[float]
) -> None:
    storage.containers = ("imagenes",)
    container = blobs.lake(azure)
    with pytest.raises(Failure, match="no container"), blobs.reached(container), lake.parquet(container):
        pass


def test_an_account_of_an_unknown_name_is_told(
    faces: Path, azure: Target, az: Program, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = replace(azure, pictures_url="https://stfer.blob.invalid/")
    with pytest.raises(Failure, match=r"address of the storage.*are you online"):
        upload.run(faces, blobs.pictures(there))


def test_without_a_login_the_sentence_names_the_command(
    faces: Path, azure: Target, cloud: Cloud, az: Program, waits: list[float]
) -> None:
    az.says("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    with pytest.raises(Failure, match="`az login`"):
        upload.run(faces, blobs.pictures(azure))
    assert cloud.asked == [] and waits == []


def test_an_answer_that_breaks_off_is_asked_for_again(
    azure: Target, cloud: Cloud, storage: Storage, waits: list[float]
) -> None:
    data = bytes(range(256)) * 40
    storage.blobs["imagenes", "train/a.jpg"] = (data, None)
    container = blobs.pictures(azure)
    storage.faults.append(times(1, replace(storage.get("imagenes", "train/a.jpg", {}), cut=100)))
    place = Place("Blob", container, "train/", {})
    assert place.read("a.jpg") == hashlib.md5(data).digest()  # noqa: S324 - Azure's choice
    assert len(asked(cloud, "GET")) == 2


def test_answers_that_always_break_off_are_told(azure: Target, storage: Storage, waits: list[float]) -> None:
    storage.blobs["imagenes", "train/a.jpg"] = (bytes(10000), None)
    whole = storage.get("imagenes", "train/a.jpg", {})
    storage.faults.append(lambda request: replace(whole, cut=100))
    container = blobs.pictures(azure)
    with pytest.raises(Failure, match=r"does not answer.*run the same command again"), blobs.reached(container):
        Place("Blob", container, "train/", {}).read("a.jpg")


def test_deleted_pictures_go_when_asked(faces: Path, azure: Target, cloud: Cloud, storage: Storage) -> None:
    storage.blobs["imagenes", "train/happy/gone & <away> é.jpg"] = (b"x", None)
    assert upload.run(faces, blobs.pictures(azure), prune=True).pruned == 1
    assert len(storage.blobs) == 40


def million() -> Iterator[Blob]:
    return (Blob(f"train/happy/face_{number:07d}.jpg", number, bytes(16)) for number in range(1_000_000))


def test_a_listing_of_a_million_takes_no_memory() -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    with Listed(million()) as there:
        for blob in islice(million(), 0, None, 100):
            assert there.take(blob.name) == blob
        assert sum(1 for _ in there.rest()) == 990_000
        assert there.take("train/happy/face_0000100.jpg") is None
        assert process.memory_info().rss - before < 32e6


@pytest.mark.parametrize(
    ("rates", "ends"),
    [
        ([100, 200, 400, 790, 9999], 32),  # each is worth it: far away, waiting is what takes the time
        ([500, 510, 9999], 4),  # on this machine the service is the limit
        ([100, 190, 200, 9999], 8),
    ],
)
def test_as_many_connections_as_are_worth_it(rates: list[int], ends: int) -> None:
    connections = Connections()
    for rate in rates:
        connections.measured(rate, 1.0)
    assert connections.number == ends


def test_too_little_work_measures_nothing() -> None:
    connections = Connections()
    connections.measured(1, 1.0)
    connections.measured(0, 0.0)
    assert connections.number == 4
