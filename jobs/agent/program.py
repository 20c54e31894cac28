"""agent chat --show-code: the program that asks the agent through its API, and sends the same requests."""

from collections.abc import Mapping

from jobs.agent.foundry import FoundrySession
from jobs.agent.local import LocalSession
from jobs.assistant.program import client_lines, read, show
from jobs.assistant.responses import build_body

END = "not calls"
STOP = "not calls or any((call.name, call.arguments) not in OUTPUTS for call in calls)"


def write_program(session: FoundrySession | LocalSession, outputs: Mapping[tuple[str, str], str], stopped: bool) -> str:
    """The program of the last question. Where a call was not run, it stops there too, until its output is in it."""
    is_local = isinstance(session, LocalSession)
    connection = session.answerer.connection if isinstance(session, LocalSession) else session.connection
    values = {
        "request": show(session.first if isinstance(session, FoundrySession) else build_body(session.first_turn())),
        "read": read(f"responses_{'stream' if session.stream else 'whole'}"),
        "end": STOP if stopped else END,
    }
    if isinstance(session, FoundrySession):
        values["conversation"] = repr(session.given) if session.given else "client.conversations.create().id"
    tools = read("tools").format(outputs=show(outputs))
    return client_lines(connection) + tools + read("responses" if is_local else "agent").format(**values)
