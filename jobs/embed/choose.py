"""Which weights and precision a run takes: those that filled the table, or for an empty table those asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection
from torch import Tensor

from jobs.embed import weights, write
from jobs.embed.weights import ANEW, Recorded, Weights, again
from jobs.failure import Failure


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person asked for; None: no wish. `replace` gives up what the table holds."""

    weights: str | None = None
    precision: str | None = None
    replace: bool = False


def choose(db: connection, wish: Wish, sample: Callable[[], Tensor]) -> tuple[Weights, str]:
    """The weights and precision of this run, recorded beside the table. `sample` is what random ones calibrate on.

    Raises Failure when the table is filled with something else: a run never mixes.
    """
    filled, before = write.count(db), write.recorded(db)
    if filled and not wish.replace:
        if before is None:
            raise Failure(f"The table holds {filled} rows of unknown weights: {ANEW}.")
        if wish.precision not in (None, before.precision):
            raise Failure(f"The table is filled in {before.precision}, not {wish.precision}: {ANEW}.")
        chosen, precision = again(before, wish.weights), before.precision
    else:
        chosen, precision = wished(wish.weights or "imagenet", sample), wish.precision or "fp32"
    weights.remember(chosen)
    if not filled or wish.replace:
        write.begin(db, Recorded(chosen.name, chosen.sha256, precision))
    return chosen, precision


def wished(name: str, sample: Callable[[], Tensor]) -> Weights:
    if name == "imagenet":
        return weights.imagenet()
    if name == "random":
        return weights.random(sample())
    return weights.of_file(Path(name))
