"""The options that several commands share, and the values of options."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


class Precision(StrEnum):
    fp32 = "fp32"
    bf16 = "bf16"
    int8 = "int8"


class Engine(StrEnum):
    """What runs the network: this process, or Ray's workers."""

    local = "local"
    ray = "ray"


class Device(StrEnum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class Method(StrEnum):
    copy = "copy"
    pg_dump = "pg_dump"


class VectorSource(StrEnum):
    """The source of the vectors of an index."""

    lake = "lake"
    database = "database"


class IndexLocation(StrEnum):
    """The location of an index."""

    lake = "lake"
    database = "database"
    azure_search = "azure-search"


class Split(StrEnum):
    """The Usage of FER2013's rows."""

    training = "Training"
    public_test = "PublicTest"
    private_test = "PrivateTest"


class ServiceAction(StrEnum):
    up = "up"
    down = "down"
    status = "status"
    install = "install"
    psql = "psql"
    backup = "backup"
    restore = "restore"


class Server(StrEnum):
    """One of the laptop's two PostgreSQL servers."""

    laptop = "laptop"
    cloud = "cloud"


def check_prefix(prefix: str | None) -> str | None:
    """Return the value of --as. Raises typer.BadParameter if it cannot be a folder's name in every place."""
    if prefix is not None and not re.fullmatch(r"\w[\w .+-]{0,49}(?<![ .])", prefix):
        raise typer.BadParameter("PREFIX is one name of up to 50 letters, digits and - _ + . without a slash")
    return prefix


PicturesFolder: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="The folder of pictures: DIR/train/<emotion>/<name>.jpg, or DIR/<emotion>/<name>.jpg. Or fer2013.csv.",
    ),
]
OptionalPicturesFolder: TypeAlias = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR",
        help="The folder of pictures: DIR/train/<emotion>/<name>.jpg. Or fer2013.csv. Omit it with --from-blob.",
    ),
]
Prefix: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="PREFIX",
        callback=check_prefix,
        help="Call the pictures <emotion>/PREFIX/<name>: for a second folder with the same names.",
    ),
]
CsvSplit: TypeAlias = Annotated[
    Split | None, typer.Option("--split", help="Which rows of fer2013.csv to use. Default: Training.")
]
TargetName: TypeAlias = Annotated[
    str,
    typer.Option(
        "--target", metavar="local|STACK", help="local for this laptop's services, or the name of a Pulumi stack."
    ),
]
Outputs: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--outputs",
        metavar="FILE",
        help="A file with the output of `pulumi stack output --json --show-secrets`, for a machine without Pulumi.",
    ),
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout, on errors with `error` and `kind`.")
]
Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="imagenet|random|FILE",
        help="ImageNet's, random ones, or the file of a state dict. Default: those of the table, or ImageNet's.",
    ),
]
