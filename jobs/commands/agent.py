"""The commands `agent create`, `list`, `show`, `chat` and `delete`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.documents import BaseUrl
from jobs.commands.options import Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.agent.foundry import FoundrySession
    from jobs.agent.local import LocalSession
    from jobs.agent.run import Place
    from jobs.assistant.conversation import Call
    from jobs.assistant.price import Tariff
    from jobs.tools.tool import Tool

app = typer.Typer()
agent = typer.Typer(no_args_is_help=True)
app.add_typer(
    agent,
    name="agent",
    help="Make agents with instructions, files and functions, in Foundry or here, and talk with them.",
    epilog="Example: python -m jobs agent create tutor --file agent.yaml",
)
AgentName: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]


def open_place(target: str, outputs: Path | None) -> "Place":
    from jobs.agent.run import Place
    from jobs.target import load_target

    return Place(load_target(target, outputs), target)


@agent.command(epilog="Example: python -m jobs agent create tutor --file agent.yaml")
def create(
    name: AgentName,
    file: Annotated[Path, typer.Option("--file", "-f", metavar="FILE", help="The agent's definition: agent.yaml.")],
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Make an agent, or its next version; an equal definition makes none."""
    from jobs.agent.run import create_agent

    terminal.print_result(create_agent(open_place(target, outputs), name, file), as_json)


@agent.command("list", epilog="Example: python -m jobs agent list --target dev")
def list_command(target: TargetName = "local", outputs: Outputs = None, as_json: Json = False) -> None:
    """List the agents."""
    from jobs.agent.run import list_agents

    terminal.print_result(list_agents(open_place(target, outputs)), as_json)


@agent.command(epilog="Example: python -m jobs agent show tutor")
def show(name: AgentName, target: TargetName = "local", outputs: Outputs = None, as_json: Json = False) -> None:
    """Show the newest version of an agent."""
    from jobs.agent.run import show_agent

    terminal.print_result(show_agent(open_place(target, outputs), name), as_json)


@agent.command(epilog="Example: python -m jobs agent delete tutor")
def delete(name: AgentName, target: TargetName = "local", outputs: Outputs = None, as_json: Json = False) -> None:
    """Delete an agent, its versions and its files."""
    from jobs.agent.run import delete_agent

    terminal.print_result(delete_agent(open_place(target, outputs), name), as_json)


@agent.command(epilog='Example: python -m jobs agent chat tutor "What is the weather in Quito?" --no-exec --target dev')
def chat(
    name: AgentName,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to ask the agent.")],
    conversation: Annotated[
        str,
        typer.Option("--conversation", metavar="ID", help="Go on with a conversation; open calls are closed first."),
    ] = "",
    no_exec: Annotated[
        bool, typer.Option("--no-exec", help="Run no function: stop at its call, and explain the four steps.")
    ] = False,
    show_code: Annotated[bool, typer.Option("--show-code", help="Print the program that asks the agent.")] = False,
    base_url: BaseUrl = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model at --base-url.")] = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Ask an agent. Its functions run here, and the answer follows."""
    from jobs.agent.files import collection_of
    from jobs.agent.program import write_program
    from jobs.agent.talk import CodedAgentAnswer, Runner, ask_agent
    from jobs.documents.search import Search
    from jobs.tools.tool import Context

    if not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    place = open_place(target, outputs)
    at = Asked(name, conversation, stream=not as_json)
    session, tools, tariff = open_session(place, at, base_url, model)
    context = Context(place.target, target, Search(query="", collection=collection_of(name)))
    person = ask_person if sys.stdin.isatty() and not as_json else None
    runner = Runner(tools, context, execute=not no_exec, ask_person=person)
    answer = ask_agent(name, session, question, runner, (lambda text: None) if as_json else terminal.write_part)
    if tariff and answer.usage:
        answer.usd, answer.price_date = tariff.price(answer.usage)
    for each in answer.dropped:
        terminal.log(f"Left out: {each.parameter} ({each.reason})")
    code = write_program(session, runner.recorded, answer.stopped) if show_code else ""
    if as_json:
        terminal.print_result(CodedAgentAnswer(**vars(answer), code=code) if code else answer, as_json)
    else:
        terminal.write_part("\n".join([*answer.footer(), ""]) + (f"\n{code}" if code else ""))
    return 1 if answer.broken else 0


@dataclass(frozen=True)
class Asked:
    """Which agent is asked, in which conversation ("" for a new one), and whether its answer is shown as it comes."""

    agent: str
    conversation: str
    stream: bool


def open_session(
    place: "Place", asked: Asked, base_url: str | None, model: str | None
) -> "tuple[FoundrySession | LocalSession, list[Tool], Tariff | None]":
    """The conversation with an agent, the functions that its definition names, and its model's tariff."""
    from jobs.azure.openai import describe_destination, server_connection
    from jobs.errors import ErrorKind, JobError

    if not place.is_local:
        from jobs.agent import foundry
        from jobs.agent.run import require_latest
        from jobs.assistant.price import stack_tariff

        if base_url or model:
            raise typer.BadParameter("an agent in Foundry has its own model", param_hint="--base-url")
        latest = require_latest(place, asked.agent)
        connection = foundry.project_connection(place.target, place.stack)
        terminal.log(describe_destination(connection, f"The agent {asked.agent}"))
        version = str(latest.version)
        there = foundry.FoundrySession(connection, asked.agent, version, asked.conversation, asked.stream)
        return there, foundry.defined_functions(latest), stack_tariff(place.stack, latest.definition.model)
    from jobs.agent import local
    from jobs.assistant.responses import Responses

    definition, version = local.read_version(asked.agent)
    if base_url is None or model is None:
        raise JobError(
            "An agent needs a language model: name a server with `--base-url http://127.0.0.1:11434/v1 --model NAME` "
            "(Ollama, llama.cpp and others), or a stack with `--target STACK`.",
            ErrorKind.not_found,
        )
    answerer = Responses(server_connection(base_url))
    terminal.log(describe_destination(answerer.connection, model))
    session = local.LocalSession(definition, version, answerer, model, asked.conversation, asked.stream)
    return session, local.agent_tools(definition), None


def ask_person(call: "Call") -> str:
    """The output of a function that has no code here: the person executes it."""
    terminal.log(f"The agent calls {call.name}({call.arguments}). You execute it: what is its output?")
    return sys.stdin.readline().strip()
