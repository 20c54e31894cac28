"""The commands for nearest pictures: index, search, and export of the vectors."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import IndexLocation, Json, Outputs, TargetName, VectorSource, Weights

app = typer.Typer()


@app.command(epilog="Example: python -m jobs index --from database")
def index(
    target: TargetName = "local",
    outputs: Outputs = None,
    source: Annotated[
        VectorSource | None,
        typer.Option(
            "--from", help="The source of the vectors: the lake's Parquet file (default), or the database's table."
        ),
    ] = None,
    to: Annotated[
        IndexLocation | None,
        typer.Option("--to", help="The location of the index: that of the vectors (default), or azure-search."),
    ] = None,
    halfvec: Annotated[
        bool, typer.Option("--halfvec", help="In the database: index 16-bit floats, with half the memory.")
    ] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build it again even if it is up to date.")] = False,
    as_json: Json = False,
) -> None:
    """Build the index for search: faiss in the lake, pgvector's HNSW in the database, or Azure AI Search."""
    from jobs.index.run import IndexOptions, build_index
    from jobs.target import load_target

    vectors = choose_vector_source(source, to)
    if halfvec and (vectors is not VectorSource.database or to is IndexLocation.azure_search):
        raise typer.BadParameter(
            "only an index in the database supports it: add --from database.", param_hint="--halfvec"
        )
    options = IndexOptions(halfvec=halfvec, rebuild=rebuild)
    result = build_index(load_target(target, outputs), vectors.value, to.value if to else None, options)
    terminal.print_result(result, as_json)


def choose_vector_source(source: VectorSource | None, to: IndexLocation | None) -> VectorSource:
    """The source of the vectors. An index in the lake or the database has the vectors of the same location."""
    if to is None or to is IndexLocation.azure_search:
        return source or VectorSource.lake
    own = VectorSource(to.value)
    if source not in (None, own):
        raise typer.BadParameter(f"{to.value} indexes its own vectors: leave --from out.", param_hint="--to")
    return own


@app.command(epilog="Example: python -m jobs search face.jpg --k 5 --emotion happy --report report")
def search(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A JPEG or PNG file.")],
    target: TargetName = "local",
    outputs: Outputs = None,
    location: Annotated[IndexLocation, typer.Option("--from", help="The index to search.")] = IndexLocation.lake,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="The number of pictures to find.")] = 5,
    emotion: Annotated[str | None, typer.Option(metavar="EMOTION", help="Find only pictures of this emotion.")] = None,
    weights: Weights = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write a page with the pictures, DIR/index.html.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the pictures that are most like a picture."""
    from jobs.search.run import Query, search_pictures
    from jobs.target import load_target

    stack = load_target(target, outputs)
    query = Query(picture=picture, k=k, emotion=emotion, place=location.value, weights=weights)
    result = search_pictures(stack, query)
    if report:
        from jobs.report.page import Page, write_page

        page = write_page(stack, result, Page(title=f"Faces like {picture.name}"), report)
        terminal.log(f"The page: {page.resolve().as_uri()}")
    terminal.print_result(result, as_json)


@app.command(epilog="Example: python -m jobs export vectors.parquet")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Parquet file to write.")],
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Write the database's table to a Parquet file: id, filepath, emotion, and vector as numbers."""
    from jobs.export import export_table
    from jobs.target import load_target

    terminal.print_result(export_table(load_target(target, outputs), file), as_json)
