"""Choose rows by chance and divide them into train and test: no question is in both. The same seed, the same rows."""

import random
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from jobs.errors import ErrorKind, JobError

LEFT_OUT, TRAIN, TEST = 0, 1, 2
FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class Share:
    """`percent` of the rows, at most `count` of them, are taken; `test_size` of those are held out."""

    percent: float = 100.0
    count: int | None = None
    test_size: float = 0.2
    seed: int = 0


def divide(keys: "array[int]", share: Share) -> bytearray:
    """For each row LEFT_OUT, TRAIN or TEST. Rows with the same key are on the same side. Raises JobError."""
    order = list(range(len(keys)))
    random.Random(share.seed).shuffle(order)  # noqa: S311 - a choice of rows, no secret
    amount = min(round(len(order) * share.percent / 100), share.count or len(order))
    taken, held_out = order[:amount], round(amount * share.test_size)
    sides, side_of, tested = bytearray(len(keys)), dict[int, int](), 0
    for row in taken:
        side = side_of.setdefault(keys[row], TEST if tested < held_out else TRAIN)
        tested += side == TEST
        sides[row] = side
    check_counts(sides.count(TRAIN), sides.count(TEST))
    return sides


def check_counts(train: int, test: int) -> None:
    """Raise JobError for fewer than two rows of either kind."""
    for name, count in (("to learn from", train), ("held out", test)):
        if count < FEWEST:
            raise JobError(
                f"Too few conversations {name} ({count}), and two are the least: give more rows, a larger --percent, "
                "or another --test-size.",
                ErrorKind.invalid,
            )


def write_sides(lines: Iterable[bytes], sides: bytearray, train: BinaryIO, test: BinaryIO) -> None:
    """Copy each line to its side, in the order of the source."""
    for line, side in zip(lines, sides, strict=True):
        if side != LEFT_OUT:
            (train if side == TRAIN else test).write(line)
