"""The commands `chat`, `chat ask`, `chat compare` and `chat evaluate`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs import terminal
from jobs.commands import chat_batch, chat_service
from jobs.commands.chat_options import ChatOptions, takes_chat_options
from jobs.commands.chat_session import open_conversation, reopen_engine
from jobs.commands.chat_ways import open_ways, write_system

if TYPE_CHECKING:
    from jobs.assistant.chat import Conversation

app = typer.Typer()
chat = typer.Typer()
app.add_typer(
    chat,
    name="chat",
    invoke_without_command=True,
    help="Ask your documents and your pictures, with a language model or without; alone, it is a conversation.",
    epilog='Example: python -m jobs chat ask "how many sad faces are there?"',
)
for commands in (chat_batch, chat_service):
    chat.add_typer(commands.app)


@chat.callback()
@takes_chat_options
def talk(context: typer.Context, options: ChatOptions) -> int:
    """Ask your documents and your pictures, with a language model or without; alone, it is a conversation."""
    if context.invoked_subcommand:
        return 0
    if not sys.stdin.isatty() or options.as_json:
        return answer_question(options, sys.stdin.read(), Shown())
    from jobs.assistant.talk import Talk, read_line

    conversation = open_conversation(options, [])
    terminal.log("Ask a question; /help lists the commands, /exit ends the chat.")
    Talk(conversation, terminal.write_part, lambda each: reopen_engine(options, each)).run(read_line)
    return 0


@dataclass(frozen=True)
class Shown:
    """What `chat ask` shows beside the answer."""

    code: bool = False
    transcript: Path | None = None


@chat.command(epilog='Example: python -m jobs chat ask "how many sad faces are there?"')
@takes_chat_options
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In English or Spanish; - reads it from stdin.")],
    options: ChatOptions,
    show_code: Annotated[bool, typer.Option("--show-code", help="Print the program that does the same.")] = False,
    transcript: Annotated[
        Path | None, typer.Option("--transcript", metavar="FILE", help="Write question and answer as Markdown.")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option("--write-system", metavar="PURPOSE", help="Let the model write the system text first.")
    ] = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Keep what --write-system wrote.")] = None,
) -> int:
    """Ask one question. On this laptop without a model: it is counted, or quoted from your documents."""
    if save and not purpose:
        raise typer.BadParameter("it keeps what --write-system writes: add that", param_hint="--save")
    if purpose:
        options = options.replace(system=write_system(options, purpose, save))
    return answer_question(options, sys.stdin.read() if question == "-" else question, Shown(show_code, transcript))


def answer_question(options: ChatOptions, question: str, shown: Shown) -> int:
    """Ask, show, and return the exit status: 1 where a filter or a broken connection ended the answer."""
    from jobs.assistant.answer import CodedAnswer
    from jobs.assistant.transcript import write_transcript

    conversation = open_conversation(options, [question])
    whole = options.no_stream or options.as_json
    answer = conversation.ask(question, (lambda part: None) if whole else terminal.write_part)
    for each in answer.dropped:
        terminal.log(f"Left out: {each.parameter} ({each.reason})")
    if notice := conversation.notice():
        terminal.log(notice)
    if options.store and conversation.engine.connection:
        from jobs.assistant.stored import remember

        remember(conversation.engine.connection, conversation.engine.deployment, answer, conversation.settings.metadata)
    code = program_of(conversation) if shown.code else ""
    if options.as_json and shown.code:
        terminal.print_result(CodedAnswer(**vars(answer), code=code), as_json=True)
    elif whole:
        terminal.print_result(answer, options.as_json)
    else:
        terminal.write_part("\n".join(["", *answer.footer(), ""]))
    if code and not options.as_json:
        terminal.write_part(f"\n{code}")
    if shown.transcript:
        write_transcript(shown.transcript, [answer])
    return 1 if answer.broken else 0


def program_of(conversation: "Conversation") -> str:
    from jobs.assistant.program import write_program

    return write_program(conversation, *conversation.last) if conversation.last else ""


@chat.command(epilog='Example: python -m jobs chat compare "What is a lake?" --system "You are a pirate." --target dev')
@takes_chat_options
def compare(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Asked in every way.")],
    options: ChatOptions,
    others: Annotated[
        list[str] | None, typer.Option("--with", metavar="ALIAS", help="Compare these deployments instead.")
    ] = None,
    paste: Annotated[
        Path | None, typer.Option("--paste", metavar="FILE", help="An answer of a browser's chat, as one more.")
    ] = None,
) -> None:
    """Ask one question in several ways: with and without --system and --data, or of several deployments."""
    from jobs.assistant.compare import compare_answers

    terminal.print_result(compare_answers(question, open_ways(options, question, others or []), paste), options.as_json)


@chat.command(epilog="Example: python -m jobs chat evaluate --fail-below 0.9")
@takes_chat_options
def evaluate(
    options: ChatOptions,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Cases as JSONL. Default: the 24 of this project.")
    ] = None,
    fail_below: Annotated[
        float | None, typer.Option("--fail-below", min=0, max=1, metavar="RATE", help="Exit 1 below this rate.")
    ] = None,
    others: Annotated[
        list[str] | None, typer.Option("--with", metavar="ALIAS", help="Evaluate each of these deployments.")
    ] = None,
) -> int:
    """Ask the questions of a file, check each answer without a judge, and print the rate."""
    from jobs.assistant.evaluate import evaluate_cases, evaluate_each
    from jobs.assistant.golden import GOLDEN, prepare_golden, read_cases

    cases = read_cases(file or GOLDEN)
    changed = {"collection": "golden", "data": True, "tools": True} if file is None else {}
    questions, options = [each.question for each in cases], options.replace(**changed)
    names = others or [options.deployment]
    ways = {name: open_conversation(options.replace(deployment=name), questions) for name in names}
    first = ways[names[0]]
    if file is None:
        prepare_golden(first.context.target)
    result = evaluate_each(ways, cases) if others else evaluate_cases(first, cases)
    terminal.print_result(result, options.as_json)
    return 0 if fail_below is None or result.rate >= fail_below else 1
