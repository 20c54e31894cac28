"""The saved prices: those that are shipped, and those that `cost --refresh` read from Azure.

The shipped ones are the two that the original system's author saw when creating the server. Every other price is
unknown until `cost --refresh` has read it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.state import state_folder, write_atomically

SHIPPED = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class Price:
    """`usd` for a `unit`, as Azure writes units. `date` is the day it was read from `source`, such as 2026-11-21.

    The first `free` units of each month cost nothing.
    """

    key: str
    usd: float
    unit: str
    source: str
    date: str
    free: float = 0


def refreshed_file() -> Path:
    """The file of refreshed prices: the user's own, outside the repository."""
    return state_folder() / "prices.json"


def load_prices() -> dict[str, Price]:
    """Every saved price by its key; of two, the one that was read later."""
    prices: dict[str, Price] = {}
    for price in (*read_prices(SHIPPED), *read_prices(refreshed_file())):
        if price.key not in prices or prices[price.key].date <= price.date:
            prices[price.key] = price
    return prices


def read_prices(file: Path) -> list[Price]:
    """The prices of a file, none where there is no file. Raises JobError when it holds anything else."""
    if not file.is_file():
        return []
    try:
        return [Price(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise JobError(
            f"{file} holds no prices: delete it, then run `python -m jobs cost --refresh`.", ErrorKind.invalid
        ) from error


def save_prices(prices: Iterable[Price]) -> None:
    """Save refreshed prices, and keep those that were read for other stacks."""
    kept: Mapping[str, Price] = {each.key: each for each in (*read_prices(refreshed_file()), *prices)}
    text = json.dumps([asdict(each) for each in kept.values()], indent=2)
    write_atomically(refreshed_file(), text + "\n")
