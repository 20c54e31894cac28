"""Run a command, and tell a person how it ended."""

from collections.abc import Sequence

import typer

from jobs import terminal
from jobs.commands import app
from jobs.failure import Failure, Stopped

CTRL_C = 130
STOPPED = "Stopped: the same command goes on from here."


def main(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What a person can mend is told in one sentence, never as a traceback."""
    terminal.survive_any_letter()
    try:
        status = int(app(list(arguments), prog_name="python -m jobs", standalone_mode=False) or 0)
        sentence = STOPPED if status == CTRL_C else ""
    except KeyboardInterrupt:
        sentence, status = STOPPED, CTRL_C
    except typer.TyperException as error:
        said = error.format_message().rstrip(".")
        sentence, status = said and f"{said}: see `python -m jobs --help`.", 2
    except Stopped as error:
        sentence, status = str(error), CTRL_C
    except Failure as error:
        sentence, status = str(error), 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        sentence, status = f"{place}{error.strerror or error}: mend that, then run the same command again.", 1
    if sentence:
        terminal.tell_failure(sentence, "--json" in arguments)
    return status
