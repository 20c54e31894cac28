"""Open the conversation that the options of a command describe."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from jobs import terminal
from jobs.commands.chat_options import Api, ChatOptions, parse_pairs
from jobs.commands.documents import embedding_server
from jobs.errors import ErrorKind, JobError

if TYPE_CHECKING:
    from jobs.assistant.chat import Conversation, Engine, Settings
    from jobs.azure.openai import Connection
    from jobs.target import Target
    from jobs.tools.tool import Context


def open_conversation(options: ChatOptions, questions: Sequence[str]) -> "Conversation":
    """A conversation without exchanges. `questions` are those known already: their {{NAME}} are checked.

    Raises typer.BadParameter for wrong usage, JobError for what cannot be used. It says where the text goes.
    """
    from jobs.assistant.chat import Conversation
    from jobs.target import load_target

    if any(not question.strip() for question in questions):
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    settings = build_settings(options, questions)
    target = load_target(options.target, options.outputs)
    connection = model_connection(options, target)
    context = build_context(options, target)
    engine = build_engine(options, context, connection, settings.parameters)
    conversation = Conversation(engine, settings, context)
    if connection and connection.stack:
        add_prices(conversation, options)
        add_retirement(conversation, options)
    elif options.max_usd is not None and connection and not connection.is_loopback:
        raise JobError(
            f"What {connection.host} asks for a token is not known here: leave --max-usd out.", ErrorKind.invalid
        )
    return conversation


def add_prices(conversation: "Conversation", options: ChatOptions) -> None:
    """Let the conversation know what the stack's deployment costs, and where to stop."""
    from jobs.assistant.price import limit_spending, stack_tariff

    deployment = conversation.engine.deployment
    tariff = stack_tariff(options.target, deployment)
    if tariff:
        conversation.price = tariff.price
    if options.max_usd is not None:
        check = limit_spending(tariff, deployment, options.max_usd, lambda: conversation.spent)
        conversation.before = check


def add_retirement(conversation: "Conversation", options: ChatOptions) -> None:
    """Let the conversation say where the model of the stack's deployment retires soon."""
    target = conversation.context.target
    if target.foundry_account and target.subscription_id:
        from jobs.assistant.retirement import watch_retirement

        stack = "dev" if options.target == "local" else options.target
        conversation.notice = watch_retirement(target, stack, conversation.engine.deployment)


def build_settings(options: ChatOptions, questions: Sequence[str]) -> "Settings":
    """What the options say about the request. Raises typer.BadParameter."""
    from jobs.assistant import prompt
    from jobs.assistant.chat import Settings

    variables, metadata = parse_pairs(options.var, "--var"), parse_pairs(options.meta, "--meta")
    if metadata and not options.store:
        raise typer.BadParameter("only a stored answer has labels: add --store", param_hint="--meta")
    system = prompt.read_text_option(options.system)
    examples = prompt.read_examples(options.examples) if options.examples else []
    texts = [system, *questions, *(text for each in examples for text in each.values())]
    try:
        safety = prompt.load_safety([name.strip() for name in options.safety.split(",")]) if options.safety else []
    except prompt.TemplateError as error:
        raise typer.BadParameter(str(error), param_hint="--safety") from None
    try:
        if questions or variables:
            prompt.check_variables(texts, variables)
    except prompt.TemplateError as error:
        raise typer.BadParameter(str(error), param_hint="--var") from None
    return Settings(
        system=system,
        safety=safety,
        examples=examples,
        variables=variables,
        parameters=options.parameters(),
        data=options.data,
        tools=options.tools,
        history=options.history,
        store=options.store,
        metadata=metadata,
        stream=not options.no_stream,
    )


def model_connection(options: ChatOptions, target: "Target") -> "Connection | None":
    """Where the model is: --base-url, or the stack. None without a model."""
    from jobs.azure.openai import OPENAI_SCOPE, Connection, server_connection

    if options.base_url is not None:
        if not options.model:
            raise typer.BadParameter("name the model at --base-url", param_hint="--model")
        return server_connection(options.base_url)
    if options.model:
        raise typer.BadParameter("it is a model at --base-url: name that too", param_hint="--model")
    if options.api is Api.extract or (options.api is None and target.pipeline_runner == "local"):
        return None
    if not target.openai_url:
        raise JobError(
            "There is no model here: name a stack (`--target STACK`; `pulumi up` gives older ones the output "
            "openai_url), or a server with `--base-url URL --model NAME`.",
            ErrorKind.not_found,
        )
    return Connection(target.openai_url, OPENAI_SCOPE, options.target)


def build_context(options: ChatOptions, target: "Target") -> "Context":
    """What tools and searches use. Raises JobError for a picture that is not there."""
    from jobs.documents.search import Search
    from jobs.tools.tool import Context

    pictures = {f"picture-{number}": file for number, file in enumerate(options.picture or [], 1)}
    for file in pictures.values():
        if not file.is_file():
            raise JobError(f"There is no picture {file}: name a JPEG or PNG file.", ErrorKind.not_found)
    search = Search(
        query="",
        k=options.k,
        collection=options.collection,
        model=options.embed_model if options.base_url else None,
        connection=embedding_server(
            options.base_url if options.embed_model else None, options.target, target.openai_url
        ),
        place=options.place.value,
    )
    return Context(target, options.target, search, pictures)


def build_engine(
    options: ChatOptions, context: "Context", connection: "Connection | None", parameters: Mapping[str, Any]
) -> "Engine":
    """What answers. Says on stderr where the text goes."""
    from jobs.assistant.chat import Engine
    from jobs.assistant.engines import extract_engine

    if connection is None or options.api is Api.extract:
        return extract_engine(context.target, list(context.pictures))
    from jobs.assistant.parameters import needs_completions
    from jobs.azure.openai import describe_destination

    name = options.model or options.deployment
    if connection.stack:
        from jobs.assistant.routed import routed_deployment

        name = routed_deployment(context.target, name)
    completions = options.api is Api.completions or (options.api is None and needs_completions(parameters))
    terminal.log(describe_destination(connection, name))
    if completions:
        from jobs.assistant.completions import Completions

        return Engine("completions", Completions(connection), name, connection=connection)
    from jobs.assistant.responses import Responses

    return Engine("responses", Responses(connection), name, connection=connection)


def reopen_engine(options: ChatOptions, conversation: "Conversation") -> None:
    """Let the conversation be answered as its parameters and pictures are now."""
    from jobs.assistant.extract import ENGINE

    connection = None if conversation.engine.name == ENGINE else model_connection(options, conversation.context.target)
    parameters = conversation.settings.parameters
    conversation.engine = build_engine(options, conversation.context, connection, parameters)
