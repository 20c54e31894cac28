"""The weights where applications read them: a file, and a blob of the lake. Two writers cannot both win."""

import json
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.models.lake_routing import LakeStore
from jobs.models.routing import FileStore, Store, read_routing, write_weights
from jobs.storage.client import lake_container
from jobs.target import Target


@pytest.fixture(params=["file", "lake"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A file, or a blob of Azurite's."""
    if request.param == "file":
        monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
        return FileStore(tmp_path / "routing" / "chat.json")
    target: Target = request.getfixturevalue("target")
    return LakeStore(lake_container(target), "chat")


def test_weights_are_written_read_and_counted(store: Store) -> None:
    first = write_weights(store, read_routing(store, "chat"), {"chat": 100, "chat-2": 0})
    second = write_weights(store, first, {"chat": 90, "chat-2": 10})
    assert (dict(second.weights), second.revision) == ({"chat": 90, "chat-2": 10}, 2)
    assert write_weights(store, second, {"chat": 90, "chat-2": 10}) == second
    found = store.load()
    assert found is not None
    assert json.loads(found[0]).keys() == {"alias", "weights", "revision", "changed"}


def test_of_two_writers_the_second_is_refused(store: Store) -> None:
    nothing = read_routing(store, "chat")
    first = write_weights(store, nothing, {"chat": 100})
    with pytest.raises(JobError, match="changed by others"):
        write_weights(store, nothing, {"chat": 50, "chat-2": 50})
    write_weights(store, first, {"chat": 90, "chat-2": 10})
    with pytest.raises(JobError, match="changed by others"):
        write_weights(store, first, {"chat": 80, "chat-2": 20})
    assert read_routing(store, "chat").weights["chat"] == 90


@pytest.mark.parametrize(
    "weights", [{"chat": 99}, {"chat": 50, "chat-2": 51}, {"chat": 100.0}, {}, {"chat": -1, "b": 101}]
)
def test_weights_that_are_not_100_together_are_not_written(store: Store, weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        write_weights(store, read_routing(store, "chat"), weights)
    assert store.load() is None


@pytest.mark.parametrize(
    "text",
    [
        '{"alias": "chat", "wei',
        "[]",
        '{"alias": "other", "weights": {"chat": 100}, "revision": 1, "changed": ""}',
        '{"alias": "chat", "weights": {"chat": 100}, "revision": 1, "changed": "yesterday"}',
        '{"alias": "chat", "weights": {"chat": 99}, "revision": 1, "changed": ""}',
    ],
)
def test_a_file_that_is_not_this_aliass_is_refused(store: Store, text: str) -> None:
    store.save(text.encode(), None)
    with pytest.raises(JobError, match="repair it"):
        read_routing(store, "chat")
