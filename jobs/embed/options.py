"""The weights and precision of a run: those that filled the table, or for an empty table the requested ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from psycopg2.extensions import connection

from jobs.embed import known, trust, weights, write
from jobs.embed.picture_files import PictureFiles
from jobs.embed.weights import REPLACE, Weights, load_recorded
from jobs.errors import ErrorKind, JobError
from jobs.provenance import Provenance, has_rows

if TYPE_CHECKING:  # torch takes seconds to import, and a run without new pictures does not need it
    from jobs.embed.quantized import QuantizedNetwork

Sampler: TypeAlias = Callable[[int], NDArray[np.uint8]]  # up to n prepared pictures: (n, 224, 224)


@dataclass(frozen=True, kw_only=True)
class EmbedOptions:
    """What the user requests; None means no preference. `replace` deletes what the table holds.

    `winograd` False embeds without Winograd's convolutions, as on a machine without a C compiler. `ray` is the address
    of a Ray cluster, or "local" to start Ray on this machine; None: without Ray.
    """

    weights: str | None = None
    precision: str | None = None
    replace: bool = False
    device: str | None = None
    winograd: bool = True
    ray: str | None = None


@dataclass(frozen=True)
class ResolvedModel:
    """`network_sha256` is that of int8's quantized network; `quantized` is the network if this run created it.

    `replaced` is the number of rows that this run threw away.
    """

    weights: Weights
    precision: str
    network_sha256: str | None = None
    quantized: QuantizedNetwork | None = None
    replaced: int = 0


def resolve_model(db: connection, options: EmbedOptions, sample: Sampler, files: PictureFiles) -> ResolvedModel:
    """Return the weights and precision of this run, recorded beside the table.

    `sample` returns pictures to calibrate on; `files` finds the pictures of rows whose record is stale. Raises
    JobError if the table was filled with another model (a table never mixes two), or if this machine cannot do what is
    requested.
    """
    keep = has_rows(db) and not options.replace
    model = continue_model(db, options, files) if keep else new_model(options, sample)
    weights.remember(model.weights)
    if keep:
        return model
    filled_by = Provenance(model.weights.name, model.weights.sha256, model.precision, model.network_sha256)
    return replace(model, replaced=write.write_provenance(db, filled_by))


def continue_model(db: connection, options: EmbedOptions, files: PictureFiles) -> ResolvedModel:
    """Return the model that filled the table. Raises JobError if the options differ from it."""
    filled_by = trust.read_trusted(db, files, options.weights)
    if filled_by is None:
        raise JobError(
            f"The table has {known.count_rows(db)} rows of unknown weights: `python -m jobs adopt DIR` keeps them if "
            f"their vectors are proved; or {REPLACE.format('')}.",
            ErrorKind.conflict,
        )
    if options.precision not in (None, filled_by.precision):
        raise JobError(
            f"The table is filled in {filled_by.precision}, not {options.precision}: "
            f"{REPLACE.format(f' --precision {options.precision}')}.",
            ErrorKind.conflict,
        )
    check_precision(options.device, filled_by.precision, new_table=False)
    recorded = load_recorded(filled_by, options.weights)
    return ResolvedModel(recorded, filled_by.precision, filled_by.network_sha256)


def new_model(options: EmbedOptions, sample: Sampler) -> ResolvedModel:
    """Return the model that an empty table starts with."""
    precision = options.precision or "fp32"
    check_precision(options.device, precision, new_table=True)
    if precision != "int8":
        return ResolvedModel(resolve_weights(options.weights or "imagenet", sample), precision)
    from jobs.embed import quantized

    quantized.require_packages("openvino", "nncf")
    chosen = resolve_weights(options.weights or "imagenet", sample)
    network = quantized.quantize(chosen.file, chosen.sha256, sample)
    return ResolvedModel(chosen, precision, network.sha256, network)


def finish_replacement(db: connection, model: ResolvedModel) -> None:
    """Commit a run with --replace. Raises JobError, and keeps the old rows, if no picture could be embedded."""
    if model.replaced and not has_rows(db):
        raise JobError(
            f"None of the pictures can be embedded: the table keeps its {model.replaced} rows. Give a folder with "
            "complete JPEG or PNG files.",
            ErrorKind.invalid,
        )
    write.commit_all(db)


def check_precision(requested: str | None, precision: str, new_table: bool) -> None:
    """Raise JobError if the device is not available, or if a new table's precision would only be slower on it."""
    if new_table or requested not in (None, "auto"):
        from jobs.embed import device

        chosen = device.choose_device(requested, precision)
        if new_table:
            device.check_device(chosen, precision)


def resolve_weights(name: str, sample: Sampler) -> Weights:
    """Return the weights for `imagenet`, `random` or a file."""
    if name == "imagenet":
        return weights.imagenet_weights()
    if name == "random":
        return weights.random_weights(sample(weights.CALIBRATION_PICTURES))
    return weights.weights_from_file(Path(name))
