"""The commands that create, adopt, copy and compare vectors and pictures: embed, adopt, migrate, upload, verify."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import (
    CsvSplit,
    Device,
    Engine,
    Json,
    Method,
    OptionalPicturesFolder,
    Outputs,
    PicturesFolder,
    Precision,
    Prefix,
    TargetName,
    Weights,
)
from jobs.commands.source import Source, SourcePasswordFile, source_url

app = typer.Typer()


@app.command(epilog="Example: python -m jobs embed fer2013 --weights imagenet --precision fp32")
def embed(
    directory: OptionalPicturesFolder = None,
    prefix: Prefix = None,
    split: CsvSplit = None,
    weights: Weights = None,
    precision: Annotated[
        Precision | None, typer.Option(help="Must be that of the table. Default: that of the table, or fp32.")
    ] = None,
    device: Annotated[Device, typer.Option(help="auto uses CUDA or MPS if the machine has it.")] = (Device.auto),
    limit: Annotated[
        int | None, typer.Option(min=1, help="Embed the first N pictures only, and delete no rows.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Empty the table first: needed for other weights or another precision.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if a picture cannot be read.")] = False,
    from_blob: Annotated[
        bool, typer.Option("--from-blob", help="Embed the pictures in the target's container instead of DIR.")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="Run the network in this process, or on Ray's workers.")
    ] = Engine.local,
    ray_address: Annotated[
        str | None,
        typer.Option(envvar="RAY_ADDRESS", metavar="HOST:PORT", help="A Ray cluster. Default: this machine."),
    ] = None,
    source: Source = None,
    password_file: SourcePasswordFile = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Turn new and changed pictures into ResNet18 vectors (512 numbers) in the laptop's database."""
    from jobs.embed.options import EmbedOptions
    from jobs.embed.run import embed_pictures
    from jobs.local.services import laptop_url
    from jobs.pictures.locate import PicturesFolder as Pictures
    from jobs.target import load_target

    if (directory is None) != from_blob:
        raise typer.BadParameter("give DIR, or --from-blob for the pictures in the target's container")
    if from_blob and (prefix or split):
        raise typer.BadParameter("--as and --split need DIR: a container has the paths that upload gave")
    options = EmbedOptions(
        weights=weights,
        precision=precision and precision.value,
        replace=replace,
        device=device.value,
        ray=(ray_address or "local") if engine is Engine.ray else None,
    )
    pictures = Pictures(directory, prefix, split and split.value) if directory else load_target(target, outputs)
    result = embed_pictures(pictures, source_url(source, password_file) or laptop_url(), options, limit)
    terminal.print_result(result, as_json)
    return 1 if strict and result.failed else 0


@app.command(epilog="Example: python -m jobs adopt fer2013 --source postgresql://postgres@localhost:5433/fer_vct")
def adopt(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="The folder that the table was filled from. Default: --target's container."),
    ] = None,
    source: Source = None,
    password_file: SourcePasswordFile = None,
    weights: Weights = None,
    precision: Annotated[Precision | None, typer.Option(help="Default: that of the table's record, or fp32.")] = None,
    keep_one: Annotated[
        bool, typer.Option("--keep-one", help="Keep the first row of each path, and delete the others.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, and change nothing.")] = False,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="local|STACK", help="Adopt the table of this target instead."),
    ] = None,
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Take over a table that others filled, such as the original tutorial's: its vectors stay, if they are proved."""
    from jobs.adopt.run import AdoptOptions, adopt_table
    from jobs.local.services import laptop_url
    from jobs.target import load_target

    if source and (target or outputs):
        raise typer.BadParameter("name one database: --source URL or --target.", param_hint="--source")
    stack = load_target(target or "local", outputs) if target or outputs else None
    pictures = directory or stack
    if pictures is None:
        raise typer.BadParameter("give DIR, the folder that the table was filled from", param_hint="DIR")
    options = AdoptOptions(weights=weights, precision=precision and precision.value, keep_one=keep_one, dry_run=dry_run)
    terminal.print_result(
        adopt_table(source_url(source, password_file) or stack or laptop_url(), pictures, options), as_json
    )


@app.command(epilog="Example: python -m jobs migrate --target dev --method copy")
def migrate(
    target: TargetName = "local",
    outputs: Outputs = None,
    method: Annotated[
        Method, typer.Option(help="copy streams binary COPY; pg_dump uses pg_dump and pg_restore.")
    ] = Method.copy,
    delete: Annotated[
        bool,
        typer.Option("--delete", help="Allow to delete more than a tenth of the target's rows, or all of them."),
    ] = False,
    source: Source = None,
    password_file: SourcePasswordFile = None,
    as_json: Json = False,
) -> None:
    """Copy the laptop's table to the target's database, and check that both are equal bit for bit."""
    from jobs.local.services import laptop_url
    from jobs.migrate.run import migrate_table
    from jobs.target import load_target

    destination = load_target(target, outputs)
    terminal.print_result(
        migrate_table(source_url(source, password_file) or laptop_url(), destination, method.value, delete), as_json
    )


@app.command(epilog="Example: python -m jobs upload fer2013 --target dev")
def upload(
    directory: PicturesFolder,
    prefix: Prefix = None,
    split: CsvSplit = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete pictures from Blob Storage that are not in DIR.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace pictures with the same paths that came from another folder.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Upload pictures to Blob Storage. Equal ones are skipped."""
    from jobs.pictures.locate import PicturesFolder as Pictures
    from jobs.storage.client import pictures_container
    from jobs.target import load_target
    from jobs.upload.run import upload_pictures

    pictures = Pictures(directory, prefix, split and split.value)
    container = pictures_container(load_target(target, outputs))
    terminal.print_result(upload_pictures(pictures, container, prune, replace), as_json)


@app.command(epilog="Example: python -m jobs verify --target dev --sample 100")
def verify(
    target: TargetName = "local",
    outputs: Outputs = None,
    sample: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Compare the bytes of N random pictures of Blob Storage and of the lake."
        ),
    ] = 20,
    source: Source = None,
    password_file: SourcePasswordFile = None,
    as_json: Json = False,
) -> int:
    """Compare the laptop's table, the target's, the Parquet file and the pictures. Exit with 1 if anything differs."""
    from jobs.local.services import laptop_url
    from jobs.target import load_target
    from jobs.verify.run import verify_target

    result = verify_target(load_target(target, outputs), source_url(source, password_file) or laptop_url(), sample)
    terminal.print_result(result, as_json)
    return 0 if result.ok else 1
