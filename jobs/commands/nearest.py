"""Commands that find the nearest pictures."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.options import Json, Outputs, Place, TargetName, Weights

app = typer.Typer()


@app.command(epilog="Example: python -m jobs index --from lake")
def index(
    target: TargetName = "local",
    outputs: Outputs = None,
    place: Annotated[
        Place, typer.Option("--from", help="Index the lake's Parquet, or the database's table.")
    ] = Place.lake,
    as_json: Json = False,
) -> None:
    """Build the index that search uses: faiss over the Parquet, kept in the lake, or pgvector's HNSW."""
    from jobs import index as job
    from jobs.target import load_target

    terminal.show(job.run(load_target(target, outputs), place.value), as_json)


@app.command(epilog="Example: python -m jobs search face.jpg --k 5 --emotion happy --report report")
def search(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="Any JPEG or PNG.")],
    target: TargetName = "local",
    outputs: Outputs = None,
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

    there = load_target(target, outputs)
    query = job.Query(picture=picture, k=k, emotion=emotion, place=place.value, weights=weights)
    result = job.run(there, query)
    if report:
        page.write(there, result, page.Page(title=f"Faces like {picture.name}"), report)
    terminal.show(result, as_json)
