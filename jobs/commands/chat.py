"""The commands `chat ask` and `chat evaluate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.chat_options import ChatOptions, takes_chat_options
from jobs.commands.chat_session import open_conversation

app = typer.Typer()
chat = typer.Typer(no_args_is_help=True)
app.add_typer(
    chat,
    name="chat",
    help="Ask your documents and your pictures, with a language model or without.",
    epilog='Example: python -m jobs chat ask "how many sad faces are there?"',
)


@chat.command(epilog='Example: python -m jobs chat ask "how many sad faces are there?"')
@takes_chat_options
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In English or Spanish; - reads it from stdin.")],
    options: ChatOptions,
) -> int:
    """Ask one question. On this laptop without a model: it is counted, or quoted from your documents."""
    text = sys.stdin.read() if question == "-" else question
    conversation = open_conversation(options, [text])
    shown = options.no_stream or options.as_json
    answer = conversation.ask(text, (lambda part: None) if shown else write_part)
    for each in answer.dropped:
        terminal.log(f"Left out: {each.parameter} ({each.reason})")
    if shown:
        terminal.print_result(answer, options.as_json)
    else:
        sys.stdout.write("\n".join(["", *answer.footer()]) + "\n")
    return 1 if answer.broken else 0


def write_part(text: str) -> None:
    """Show a part of an answer at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


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
) -> int:
    """Ask the questions of a file, check each answer without a judge, and print the rate."""
    from jobs.assistant.evaluate import evaluate_cases
    from jobs.assistant.golden import GOLDEN, prepare_golden, read_cases

    cases = read_cases(file or GOLDEN)
    changed = {"collection": "golden", "data": True, "tools": True} if file is None else {}
    conversation = open_conversation(options.replace(**changed), [each.question for each in cases])
    if file is None:
        prepare_golden(conversation.context.target)
    result = evaluate_cases(conversation, cases)
    terminal.print_result(result, options.as_json)
    return 0 if fail_below is None or result.rate >= fail_below else 1
