"""Commands that find the nearest pictures, and hand out the vectors that they are found by."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs, Place, TargetName, Vectors, Weights

app = typer.Typer()


@app.command(epilog="Example: python -m jobs index --from database")
def index(
    target: TargetName = "local",
    outputs: Outputs = None,
    place: Annotated[
        Vectors | None,
        typer.Option("--from", help="The lake's Parquet (unless you say otherwise), or the database's table."),
    ] = None,
    to: Annotated[
        Place | None, typer.Option("--to", help="Where the index shall be: where the vectors are, or azure-search.")
    ] = None,
    halfvec: Annotated[
        bool, typer.Option("--halfvec", help="In the database: numbers of half the size, half the memory.")
    ] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew, even where one stands.")] = False,
    as_json: Json = False,
) -> None:
    """Build the index that search uses: faiss over the lake's Parquet, pgvector's HNSW, or Azure AI Search."""
    from jobs.index.run import IndexOptions, build_index
    from jobs.target import load_target

    source, wish = vectors_for(place, to), IndexOptions(halfvec=halfvec, rebuild=rebuild)
    if halfvec and (source is not Vectors.database or to is Place.azure_search):
        raise typer.BadParameter("only an index in the database has it: say --from database.", param_hint="--halfvec")
    terminal.print_result(
        build_index(load_target(target, outputs), source.value, to.value if to else None, wish), as_json
    )


def vectors_for(place: Vectors | None, to: Place | None) -> Vectors:
    """Where the vectors come from. Lake and database index their own only."""
    if to is None or to is Place.azure_search:
        return place or Vectors.lake
    own = Vectors(to.value)
    if place not in (None, own):
        raise typer.BadParameter(f"{to.value} indexes its own vectors: leave --from out.", param_hint="--to")
    return own


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
    from jobs.report.page import Page, write_page
    from jobs.search.run import Query, search_pictures
    from jobs.target import load_target

    there = load_target(target, outputs)
    query = Query(picture=picture, k=k, emotion=emotion, place=place.value, weights=weights)
    result = search_pictures(there, query)
    if report:
        write_page(there, result, Page(title=f"Faces like {picture.name}"), report)
    terminal.print_result(result, as_json)


@app.command(epilog="Example: python -m jobs export vectors.parquet")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Parquet file to write.")],
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """The database's vectors as a Parquet file, as numbers: id, filepath, emotion, vector."""
    from jobs.export import export_table
    from jobs.target import load_target

    terminal.print_result(export_table(load_target(target, outputs), file), as_json)
