"""The commands: one a job. What a job does stands in the module of its name.

Jobs are imported when their command runs: torch takes seconds to import, and `--help` should not wait for it.
"""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.options import Directory, Json, Method, Place, Precision, Service, Source, TargetName, Weights

app = typer.Typer(
    help="Pictures to a searchable vector lake, on Azure or on this laptop. Start with: python -m jobs demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command(epilog="Example: python -m jobs demo --images fer2013 --report report")
def demo(
    images: Annotated[Path | None, typer.Option(metavar="DIR", help="Real pictures instead of drawn ones.")] = None,
    report: Annotated[Path, typer.Option(metavar="DIR", help="Where the page goes.")] = Path("report"),
    count: Annotated[int, typer.Option(min=1, help="How many faces to draw.")] = 350,
    seed: Annotated[int, typer.Option(help="Another seed draws other faces.")] = 1,
    weights: Weights = None,
    as_json: Json = False,
) -> int:
    """Everything at once on this laptop: draw, embed, migrate, upload, run the pipeline, verify, index, search."""
    from jobs import demo as job

    result = job.run(job.Options(images=images, report=report, count=count, seed=seed, weights=weights))
    terminal.show(result, as_json)
    return 0 if result.verify.ok else 1


@app.command(epilog="Example: python -m jobs local status")
def local(what: Annotated[Service, typer.Argument()], as_json: Json = False) -> None:
    """Start, stop or show the laptop's services: two PostgreSQL servers and Azurite, under .local/."""
    from jobs import local as services
    from jobs.local import azurite

    if what is Service.install:
        azurite.install()
    elif what is Service.up:
        services.up(*services.SERVICES)
    elif what is Service.down:
        services.down()
    terminal.show(services.status(), as_json)


@app.command(epilog="Example: python -m jobs sample faces --count 350 --seed 1")
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the faces go.")],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 350,
    seed: Annotated[int, typer.Option(help="Another seed draws other faces.")] = 1,
    as_json: Json = False,
) -> None:
    """Draw faces like FER2013's, 48 x 48 grey, seven emotions in its proportions."""
    from jobs import sample as job

    terminal.show(job.run(directory, count, seed), as_json)


@app.command(epilog="Example: python -m jobs embed fer2013 --weights imagenet --precision fp32")
def embed(
    directory: Directory,
    weights: Weights = None,
    precision: Annotated[Precision | None, typer.Option(help="Default: fp32, or what filled the table.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Look at the first N pictures only; delete nothing.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Empty the table first, for other weights.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where a picture could not be used.")] = False,
    source: Source = None,
    target: TargetName = "local",
    as_json: Json = False,
) -> int:
    """Pictures to 512-d ResNet18 vectors in the laptop's database; run again, only what is new or changed."""
    from jobs import embed as job
    from jobs import local as services
    from jobs.embed.choose import Wish

    wish = Wish(weights=weights, precision=precision and precision.value, replace=replace)
    result = job.run(directory, source or services.laptop_url(), wish, limit)
    terminal.show(result, as_json)
    return 1 if strict and result.failed else 0


@app.command(epilog="Example: python -m jobs migrate --target dev --method copy")
def migrate(
    target: TargetName = "local",
    method: Annotated[Method, typer.Option(help="Streaming binary COPY, or pg_dump and pg_restore.")] = Method.copy,
    source: Source = None,
    as_json: Json = False,
) -> None:
    """Make the target's table equal to the laptop's, bit for bit."""
    from jobs import local as services
    from jobs import migrate as job
    from jobs.postgres import target_url
    from jobs.target import load_target

    destination = target_url(load_target(target))
    terminal.show(job.run(source or services.laptop_url(), destination, method.value), as_json)


@app.command(epilog="Example: python -m jobs upload fer2013 --target dev")
def upload(
    directory: Directory,
    target: TargetName = "local",
    prune: Annotated[bool, typer.Option("--prune", help="Remove pictures from Blob that DIR does not have.")] = False,
    as_json: Json = False,
) -> None:
    """Pictures to Blob Storage; what is there and equal is skipped."""
    from jobs import blobs
    from jobs import upload as job
    from jobs.target import load_target

    terminal.show(job.run(directory, blobs.pictures(load_target(target)), prune), as_json)


@app.command("run-pipeline", epilog="Example: python -m jobs run-pipeline PL_Migrar_Datos_FER -p prefijoRuta=raw/x/")
def run_pipeline(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A pipeline of adf/pipeline.")] = "PL_Migrar_Datos_FER",
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="KEY=VALUE", help="A pipeline parameter.")
    ] = None,
    target: TargetName = "local",
    as_json: Json = False,
) -> int:
    """Run the Data Factory pipeline: the table to Parquet, the pictures from Blob to the lake."""
    from jobs import run_pipeline as job
    from jobs.target import load_target

    pairs = [text.partition("=") for text in parameter or []]
    if bad := [key for key, equals, _ in pairs if not (key and equals)]:
        raise typer.BadParameter(f"write KEY=VALUE, not {bad[0]!r}", param_hint="-p")
    result = job.run(load_target(target), name, {key: value for key, _, value in pairs})
    terminal.show(result, as_json)
    return 0 if result.status == "Succeeded" else 1


@app.command(epilog="Example: python -m jobs verify --json")
def verify(target: TargetName = "local", source: Source = None, as_json: Json = False) -> int:
    """Hold laptop, target database, Parquet and pictures against each other; exit 1 where anything differs."""
    from jobs import local as services
    from jobs import verify as job
    from jobs.target import load_target

    result = job.run(load_target(target), source or services.laptop_url())
    terminal.show(result, as_json)
    return 0 if result.ok else 1


@app.command(epilog="Example: python -m jobs index --from lake")
def index(
    target: TargetName = "local",
    place: Annotated[
        Place, typer.Option("--from", help="Index the lake's Parquet, or the database's table.")
    ] = Place.lake,
    as_json: Json = False,
) -> None:
    """Build the index that search uses: faiss over the Parquet, kept in the lake, or pgvector's HNSW."""
    from jobs import index as job
    from jobs.target import load_target

    terminal.show(job.run(load_target(target), place.value), as_json)


@app.command(epilog="Example: python -m jobs search face.jpg --k 5 --emotion happy --report report")
def search(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="Any JPEG or PNG.")],
    target: TargetName = "local",
    place: Annotated[Place, typer.Option("--from", help="Where to search.")] = Place.lake,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many pictures.")] = 5,
    emotion: Annotated[str | None, typer.Option(help="Only pictures of this emotion.")] = None,
    weights: Weights = None,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a page with the pictures too.")] = None,
    as_json: Json = False,
) -> None:
    """The pictures most like one picture."""
    from jobs import report as page
    from jobs import search as job
    from jobs.target import load_target

    there = load_target(target)
    query = job.Query(picture=picture, k=k, emotion=emotion, place=place.value, weights=weights)
    result = job.run(there, query)
    if report:
        page.write(there, result, page.Page(title=f"Faces like {picture.name}"), report)
    terminal.show(result, as_json)
