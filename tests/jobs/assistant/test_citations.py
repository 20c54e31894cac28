"""Citations are checked while an answer streams, whatever its parts are; a terminal gets nothing that it obeys."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.assistant.citations import CitationChecker, clean_text

ATTACKS = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07x",
    "\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\",
    "a\x08b",
    "\u202eevil",
    "\x9b31m",
]
TEXT = "Pause it [1], or [2, 7]. \x1b[1mBold\x1b[0m [9] [not a number] arr[0] [1"


def check(parts: list[str]) -> tuple[str, CitationChecker]:
    checker = CitationChecker(lambda number: number in (1, 2))
    return "".join([*map(checker.feed, parts), checker.end()]), checker


@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
def test_the_parts_of_a_stream_make_no_difference(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TEXT)]
    shown, checker = check([TEXT[start:end] for start, end in pairwise(places)])
    assert shown == "Pause it [1], or [2]~~[7]~~. Bold ~~[9]~~ [not a number] arr~~[0]~~ [1"
    assert (checker.cited, checker.struck) == ([1, 2], 3)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[\x1b[0m99]", "~~[99]~~"),
        ("[9\u200f]", "~~[9]~~"),
        ("[1\u061c, 2]", "[1, 2]"),
        ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "[1][2]" + "".join(f"~~[{n}]~~" for n in range(3, 11))),
        ("[123456]", "~~[123456]~~"),
        ("[1][99][2]", "[1]~~[99]~~[2]"),
    ],
)
def test_nothing_hides_a_number_in_any_parts(text: str, shown: str) -> None:
    assert {check([text])[0], check(list(text))[0], *(check([text[:n], text[n:]])[0] for n in range(len(text)))} == {
        shown
    }


@pytest.mark.parametrize("attack", ATTACKS)
def test_escapes_are_taken_out(attack: str) -> None:
    cleaned = clean_text(attack)
    assert not set(cleaned) & set(map(chr, [*range(9), *range(11, 32), *range(127, 160), 0x202E]))
    assert "title" not in cleaned and "http" not in cleaned
    assert check(list(attack))[0] == cleaned
