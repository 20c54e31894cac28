"""The commands `documents add`, `list`, `remove` and `search`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.azure.openai import Connection

app = typer.Typer()
documents = typer.Typer(no_args_is_help=True)
app.add_typer(
    documents,
    name="documents",
    help="Give the assistant your documents, and search them.",
    epilog="Example: python -m jobs documents add docs README.md",
)


class Place(StrEnum):
    """Where passages are found."""

    database = "database"
    azure_search = "azure-search"


def check_collection(name: str) -> str:
    """Return the value of --collection. Raises typer.BadParameter for what is not a name."""
    if not name.strip() or len(name) > 60 or not name.isprintable():
        raise typer.BadParameter("a name of up to 60 letters")
    return name


CollectionName: TypeAlias = Annotated[
    str, typer.Option("--collection", metavar="NAME", callback=check_collection, help="A set of documents of its own.")
]
EmbedModel: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--embed-model",
        metavar="words|minilm|NAME",
        help="What finds by meaning: nothing, MiniLM on this computer, or a model at --base-url. Default: the best.",
    ),
]
BaseUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="A server with OpenAI's API, such as http://127.0.0.1:11434/v1 (Ollama)."
    ),
]


FromPlace: TypeAlias = Annotated[
    Place,
    typer.Option("--from", help="Where passages are found: azure-search after `documents add --to azure-search`."),
]


def embedding_server(base_url: str | None, target: str, openai_url: str) -> "Connection | None":
    """The connection for vectors: the user's server, the stack's deployments, or none."""
    from jobs.azure.openai import OPENAI_SCOPE, Connection, server_connection

    if base_url:
        return server_connection(base_url)
    return Connection(openai_url, OPENAI_SCOPE, target) if openai_url else None


@documents.command(epilog="Example: python -m jobs documents add docs README.md")
def add(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files and folders: .md .txt .html .pdf .csv .json")
    ],
    collection: CollectionName = "documents",
    embed_model: EmbedModel = None,
    base_url: BaseUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where another model filled the collection, compute all of it again.")
    ] = False,
    to: Annotated[
        Place, typer.Option("--to", help="azure-search: into the stack's search service as well.")
    ] = Place.database,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Add documents, or bring them up to date: unchanged ones are skipped, changed ones replaced."""
    from jobs.documents.add import AddOptions, add_documents
    from jobs.documents.vectors import EmbedChoice
    from jobs.target import load_target

    stack = load_target(target, outputs)
    server = embedding_server(base_url, target, stack.openai_url)
    choice = EmbedChoice(embed_model, server, is_stack=bool(stack.openai_url) and base_url is None)
    options = AddOptions(collection=collection, choice=choice, replace=replace)
    if to is Place.azure_search:
        from jobs.index.ai_search_schema import require_service

        require_service(stack)
    result = add_documents(stack, paths, options)
    if to is Place.azure_search:
        from jobs.documents.azure_search import index_collection

        result.indexed = index_collection(stack, collection)
    terminal.print_result(result, as_json)


@documents.command("list", epilog="Example: python -m jobs documents list --collection documents")
def list_command(
    collection: CollectionName = "documents",
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """List the documents of a collection."""
    from jobs.documents.manage import list_documents
    from jobs.target import load_target

    terminal.print_result(list_documents(load_target(target, outputs), collection), as_json)


@documents.command(epilog="Example: python -m jobs documents remove docs/operating.md")
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A document as `documents list` shows it, or a folder.")],
    collection: CollectionName = "documents",
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Remove documents from a collection. The files stay where they are."""
    from jobs.documents.manage import remove_document
    from jobs.target import load_target

    terminal.print_result(remove_document(load_target(target, outputs), name, collection), as_json)


@documents.command(epilog='Example: python -m jobs documents search "how do I pause the database?" --k 3')
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A question or some words, English or Spanish.")],
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="The number of passages to find.")] = 5,
    collection: CollectionName = "documents",
    embed_model: EmbedModel = None,
    base_url: BaseUrl = None,
    place: FromPlace = Place.database,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Find the passages that fit a question, by words and by meaning."""
    from jobs.documents.search import Search, search_documents
    from jobs.target import load_target

    if not query.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUERY")
    stack = load_target(target, outputs)
    wanted = Search(
        query=query,
        k=k,
        collection=collection,
        model=embed_model if base_url else None,
        connection=embedding_server(base_url, target, stack.openai_url),
        place=place.value,
    )
    terminal.print_result(search_documents(stack, wanted), as_json)
