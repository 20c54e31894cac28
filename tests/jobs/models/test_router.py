"""The router of an application: a key stays, a growing share only moves keys to the new one, errors change nothing."""

import ast
import hashlib
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.models import router as module
from jobs.models.router import Router, parse_weights


def document(**weights: int) -> str:
    return json.dumps({"alias": "chat", "weights": {name.replace("_", "-"): each for name, each in weights.items()}})


class Played:
    """A reader and a clock."""

    def __init__(self) -> None:
        self.text, self.time, self.reads = document(chat=100, chat_2=0), 0.0, 0

    def read(self) -> str:
        self.reads += 1
        if self.text == "down":
            raise OSError("no network")
        return self.text

    def router(self) -> Router:
        return Router(self.read, lambda: self.time)


@given(st.lists(st.text(), min_size=1, max_size=20), st.integers(0, 100), st.integers(0, 100))
def test_a_growing_share_moves_keys_to_the_new_one_only(keys: list[str], one: int, other: int) -> None:
    less, more = sorted((one, other))
    first = Router(lambda: document(chat=100 - less, chat_2=less))
    second = Router(lambda: document(chat=100 - more, chat_2=more))
    for key in keys:
        assert first.pick(key) == first.pick(key)
        assert (first.pick(key), second.pick(key)) != ("chat-2", "chat")


@pytest.mark.parametrize("share", [1, 10, 50, 99])
def test_every_copy_of_the_router_picks_the_same(share: int) -> None:
    """The old deployment has the first places: `echo -n KEY | sha256sum`, modulo 100."""
    router = Router(lambda: document(chat=100 - share, chat_2=share))
    places = {"user-10": 1, "user-3": 9, "user-31": 44, "user-22": 51, "user-20": 88, "user-29": 97}
    assert {key: int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100 for key in places} == places
    assert [router.pick(key) == "chat" for key in places] == [place < 100 - share for place in places.values()]


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0, 0, 0), (1, 0.5, 1.5), (10, 9, 11), (50, 48, 52), (100, 100, 100)]
)
def test_the_share_is_that_of_the_weights(share: int, least: float, most: float) -> None:
    router = Router(lambda: document(chat=100 - share, chat_2=share))
    picked = [router.pick(f"user-{number}") for number in range(20_000)]
    assert least <= 100 * picked.count("chat-2") / len(picked) <= most


def test_the_weights_are_read_again_after_30_seconds() -> None:
    played = Played()
    router = played.router()
    played.text, played.time = document(chat=0, chat_2=100), 29.9
    assert (router.pick("a"), played.reads) == ("chat", 1)
    played.time = 30.0
    assert (router.pick("a"), router.pick("b"), played.reads) == ("chat-2", "chat-2", 2)


@pytest.mark.parametrize(
    "text",
    [
        "down",
        "",
        "{",
        "[]",
        "{}",
        document(chat=99),
        document(chat=101),
        document(chat=-1),
        '{"weights": {"chat": 100.0}}',
        '{"weights": {"chat": true, "b": 99}}',
        '{"weights": {"": 100}}',
        '{"weights": {"chat": "100"}}',
    ],
)
def test_the_last_good_weights_stay_and_there_is_no_start_without_any(text: str) -> None:
    played = Played()
    router = played.router()
    played.text, played.time = text, 31.0
    assert (router.pick("a"), played.reads) == ("chat", 2)
    assert (router.pick("a"), played.reads) == ("chat", 2)
    with pytest.raises((ValueError, OSError)):
        played.router()


def test_bytes_are_read_too() -> None:
    assert parse_weights(document(chat=100).encode()) == {"chat": 100}


def test_the_file_can_be_copied_into_an_application() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {each.split(".")[0] for each in imported} <= set(sys.stdlib_module_names)
