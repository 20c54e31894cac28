"""More than one conversation for a question: to compare ways, and to write the system text first."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.commands.chat_options import ChatOptions
from jobs.commands.chat_session import open_conversation
from jobs.errors import ErrorKind, JobError
from jobs.lines import write_lines

if TYPE_CHECKING:
    from jobs.assistant.chat import Conversation

ASK_FOR_SYSTEM = (
    "Write the system text of an assistant, in the language of the purpose, in the second person, at most 150 words: "
    "its role, its tone, what it does, what it refuses. Answer with the text alone. The purpose: "
)


def open_ways(options: ChatOptions, question: str, deployments: Sequence[str]) -> list[tuple[str, "Conversation"]]:
    """The conversations of `chat compare`, by name: of each deployment, or with and without what was given."""
    if deployments:
        return [(name, open_conversation(options.replace(deployment=name), [question])) for name in deployments]
    ways = {"as asked": options}
    if options.system:
        ways["without --system"] = options.replace(system="")
    if options.data:
        ways["without --data"] = options.replace(data=False)
    if len(ways) == 1:
        ways = {"without --data": options, "with --data": options.replace(data=True)}
    return [(name, open_conversation(each, [question])) for name, each in ways.items()]


def write_system(options: ChatOptions, purpose: str, file: Path | None) -> str:
    """A system text that the model writes for a purpose. It is shown before it is used, and kept in a file."""
    from jobs.state import write_atomically

    plain = options.replace(system="", examples=None, var=None, data=False, tools=False, safety="")
    conversation = open_conversation(plain, [purpose])
    if conversation.engine.always_tools:
        raise JobError(
            "Without a language model nothing writes a system text: name a stack, or a server with `--base-url`.",
            ErrorKind.invalid,
        )
    text = conversation.ask(ASK_FOR_SYSTEM + purpose).answer.strip()
    write_lines(sys.stderr, f"The system text:\n{text}\n")
    if file:
        write_atomically(file, text + "\n")
    return text
