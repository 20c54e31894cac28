"""The prices at hand: those that are shipped, and those that `cost --refresh` asked Azure for.

The shipped ones are the two that the original system's author saw when making the server. No other was at hand when
this was written without network, so every other one is unknown until it is asked for.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from jobs.errors import JobError
from jobs.state import state_folder, write_atomically

SHIPPED = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class Price:
    """`usd` for a `unit` as Azure writes units. `date` is when it was read at `source`, such as 2026-11-21.

    `free` pieces of what the unit counts cost nothing each month.
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
    """Every known price by its key; of two, the one that was read later."""
    known: dict[str, Price] = {}
    for price in (*read_prices(SHIPPED), *read_prices(refreshed_file())):
        if price.key not in known or known[price.key].date <= price.date:
            known[price.key] = price
    return known


def read_prices(file: Path) -> list[Price]:
    """The prices of a file, none where there is no file. Raises Failure when it holds something else."""
    if not file.is_file():
        return []
    try:
        return [Price(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise JobError(f"{file} holds no prices: delete it, then run `python -m jobs cost --refresh`.") from error


def save_prices(found: Iterable[Price]) -> None:
    """Write refreshed prices beside those that other stacks asked for."""
    kept: Mapping[str, Price] = {each.key: each for each in (*read_prices(refreshed_file()), *found)}
    text = json.dumps([asdict(each) for each in kept.values()], indent=2)
    write_atomically(refreshed_file(), text + "\n")
