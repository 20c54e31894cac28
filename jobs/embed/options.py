"""Which weights and precision a run takes: those that filled the table, or for an empty table those asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import connection

from jobs.embed import known, weights, write
from jobs.embed.weights import ANEW, Weights, load_recorded
from jobs.errors import JobError
from jobs.provenance import Provenance

if TYPE_CHECKING:  # torch takes seconds to import, and a run that finds nothing new does without it
    from torch import Tensor

    from jobs.embed.quantised import QuantizedNetwork


@dataclass(frozen=True, kw_only=True)
class EmbedOptions:
    """What a person asked for; None: no wish. `replace` gives up what the table holds.

    `compiled` False: nothing that needs a compiler; None: where it pays. `ray` is the address of a Ray cluster, or
    "local" for a new one on this machine; None: without Ray.
    """

    weights: str | None = None
    precision: str | None = None
    replace: bool = False
    device: str | None = None
    compiled: bool | None = None
    ray: str | None = None


@dataclass(frozen=True)
class ResolvedModel:
    """`network_sha256` is that of int8's quantised network; `quantised` the network itself, where it was made now."""

    weights: Weights
    precision: str
    network_sha256: str | None = None
    quantised: QuantizedNetwork | None = None


def resolve_model(db: connection, wish: EmbedOptions, sample: Callable[[int], Tensor]) -> ResolvedModel:
    """The weights and precision of this run, recorded beside the table.

    `sample` gives so many pictures to calibrate on. Raises Failure when the table is filled with something else (a run
    never mixes), or where this machine cannot do what is asked.
    """
    filled, before = known.has_rows(db), known.read_provenance(db)
    if filled and not wish.replace:
        if before is None:
            raise JobError(f"The table holds {known.count_rows(db)} rows of unknown weights: {ANEW}.")
        if wish.precision not in (None, before.precision):
            raise JobError(f"The table is filled in {before.precision}, not {wish.precision}: {ANEW}.")
        check_precision(wish.device, before.precision, begun=False)
        chosen = ResolvedModel(load_recorded(before, wish.weights), before.precision, before.network_sha256)
    else:
        chosen = start_new(wish, sample)
    weights.remember(chosen.weights)
    if not filled or wish.replace:
        write.write_provenance(
            db, Provenance(chosen.weights.name, chosen.weights.sha256, chosen.precision, chosen.network_sha256)
        )
    return chosen


def check_precision(where: str | None, precision: str, begun: bool) -> None:
    """Raises Failure where the device is not there, or a table would begin in a precision that is of no use here."""
    if begun or where not in (None, "auto"):
        from jobs.embed import device

        there = device.choose_device(where, precision)
        if begun:
            device.check_device(there, precision)


def start_new(wish: EmbedOptions, sample: Callable[[int], Tensor]) -> ResolvedModel:
    """What a table begins with."""
    precision = wish.precision or "fp32"
    check_precision(wish.device, precision, begun=True)
    if precision != "int8":
        return ResolvedModel(resolve_weights(wish.weights or "imagenet", sample), precision)
    from jobs.embed import quantised

    quantised.require_packages("openvino", "nncf")
    found = resolve_weights(wish.weights or "imagenet", sample)
    made = quantised.quantize(found.file, found.sha256, sample)
    return ResolvedModel(found, precision, made.sha256, made)


def resolve_weights(name: str, sample: Callable[[int], Tensor]) -> Weights:
    if name == "imagenet":
        return weights.imagenet_weights()
    if name == "random":
        return weights.random_weights(sample(weights.CALIBRATION_PICTURES))
    return weights.weights_from_file(Path(name))
