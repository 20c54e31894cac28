"""Options that several commands share, and the values they take."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


class Precision(StrEnum):
    fp32 = "fp32"
    bf16 = "bf16"
    int8 = "int8"


class Engine(StrEnum):
    """Who embeds: this process, or Ray's workers."""

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


class Vectors(StrEnum):
    """Where vectors lie that an index is made from."""

    lake = "lake"
    database = "database"


class Place(StrEnum):
    """Where an index lies that a search uses."""

    lake = "lake"
    database = "database"
    azure_search = "azure-search"


class Service(StrEnum):
    up = "up"
    down = "down"
    status = "status"
    install = "install"


Directory: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", help="Pictures as DIR/train/<emotion>/<name>.jpg, or DIR/<emotion>/<name>.jpg.")
]
Pictures: TypeAlias = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="Pictures as DIR/train/<emotion>/<name>.jpg; left out with --from-blob."),
]
TargetName: TypeAlias = Annotated[
    str, typer.Option("--target", metavar="local|STACK", help="The laptop's services, or the name of a Pulumi stack.")
]
Outputs: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--outputs",
        metavar="FILE",
        help="The stack's outputs, for a machine without Pulumi: `pulumi stack output --json --show-secrets`.",
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else there.")]
Source: TypeAlias = Annotated[
    str | None, typer.Option("--source", metavar="URL", help="Another database than the laptop's: postgresql://...")
]
Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="imagenet|random|FILE",
        help="ImageNet's (the default), seeded ones, or a state dict; a filled table keeps to what filled it.",
    ),
]
