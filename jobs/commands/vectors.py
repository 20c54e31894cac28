"""Commands that bring pictures and their vectors to where they belong, and prove it."""

from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import (
    Device,
    Directory,
    Engine,
    Json,
    Method,
    Outputs,
    Pictures,
    Precision,
    Source,
    TargetName,
    Weights,
)

app = typer.Typer()


@app.command(epilog="Example: python -m jobs embed fer2013 --weights imagenet --precision fp32")
def embed(
    directory: Pictures = None,
    weights: Weights = None,
    precision: Annotated[Precision | None, typer.Option(help="Default: fp32, or what filled the table.")] = None,
    device: Annotated[Device, typer.Option(help="Where to compute; auto takes CUDA or MPS where there is one.")] = (
        Device.auto
    ),
    limit: Annotated[int | None, typer.Option(min=1, help="Look at the first N pictures only; delete nothing.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Empty the table first, for other weights.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where a picture could not be used.")] = False,
    from_blob: Annotated[
        bool, typer.Option("--from-blob", help="Pictures of the target's container, not DIR.")
    ] = False,
    engine: Annotated[Engine, typer.Option(help="Embed in this process, or on Ray's workers.")] = Engine.local,
    ray_address: Annotated[
        str | None,
        typer.Option(envvar="RAY_ADDRESS", metavar="HOST:PORT", help="A Ray cluster; else the cores of this machine."),
    ] = None,
    source: Source = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Pictures to 512-d ResNet18 vectors in the laptop's database; run again, only what is new or changed."""
    from jobs.embed.options import EmbedOptions
    from jobs.embed.run import embed_pictures
    from jobs.local.services import laptop_url
    from jobs.target import load_target

    if (directory is None) != from_blob:
        raise typer.BadParameter("give DIR, or --from-blob to take the pictures of the target's container")
    wish = EmbedOptions(
        weights=weights,
        precision=precision and precision.value,
        replace=replace,
        device=device.value,
        ray=(ray_address or "local") if engine is Engine.ray else None,
    )
    pictures = directory or load_target(target, outputs)
    result = embed_pictures(pictures, source or laptop_url(), wish, limit)
    terminal.print_result(result, as_json)
    return 1 if strict and result.failed else 0


@app.command(epilog="Example: python -m jobs migrate --target dev --method copy")
def migrate(
    target: TargetName = "local",
    outputs: Outputs = None,
    method: Annotated[Method, typer.Option(help="Streaming binary COPY, or pg_dump and pg_restore.")] = Method.copy,
    source: Source = None,
    as_json: Json = False,
) -> None:
    """Make the target's table equal to the laptop's, bit for bit."""
    from jobs.local import services as services
    from jobs.migrate.run import migrate_table
    from jobs.target import load_target

    destination = load_target(target, outputs)
    terminal.print_result(migrate_table(source or services.laptop_url(), destination, method.value), as_json)


@app.command(epilog="Example: python -m jobs upload fer2013 --target dev")
def upload(
    directory: Directory,
    target: TargetName = "local",
    outputs: Outputs = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove pictures from Blob that DIR does not have.")] = False,
    as_json: Json = False,
) -> None:
    """Pictures to Blob Storage; what is there and equal is skipped."""
    from jobs.storage.client import pictures_container
    from jobs.target import load_target
    from jobs.upload.run import upload_pictures

    terminal.print_result(upload_pictures(directory, pictures_container(load_target(target, outputs)), prune), as_json)


@app.command(epilog="Example: python -m jobs verify --target dev --sample 100")
def verify(
    target: TargetName = "local",
    outputs: Outputs = None,
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="Read N pictures of Blob and of the lake whole, drawn by chance.")
    ] = 20,
    source: Source = None,
    as_json: Json = False,
) -> int:
    """Hold laptop, target database, Parquet and pictures against each other; exit 1 where anything differs."""
    from jobs.local import services as services
    from jobs.target import load_target
    from jobs.verify.run import verify_places

    result = verify_places(load_target(target, outputs), source or services.laptop_url(), sample)
    terminal.print_result(result, as_json)
    return 0 if result.ok else 1
