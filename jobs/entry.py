"""Run a command, and tell a person how it ended."""

from collections.abc import Sequence

import typer

from jobs import terminal
from jobs.commands.app import app
from jobs.errors import JobError, StoppedError

CTRL_C = 130
STOPPED = "Stopped: the same command goes on from here."


def main(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What a person can mend is told in one sentence, never as a traceback."""
    terminal.replace_closed_streams()
    terminal.escape_unencodable()
    try:
        status = int(app(list(arguments), prog_name="python -m jobs", standalone_mode=False) or 0)
        sentence = STOPPED if status == CTRL_C else ""
    except KeyboardInterrupt:
        sentence, status = STOPPED, CTRL_C
    except typer.TyperException as error:
        said = " ".join(error.format_message().split()).rstrip(".")  # choices stand in lines of their own
        sentence, status = said and f"{said}: see `python -m jobs --help`.", 2
    except StoppedError as error:
        sentence, status = str(error), CTRL_C
    except JobError as error:
        sentence, status = str(error), 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        sentence, status = f"{place}{error.strerror or error}: mend that, then run the same command again.", 1
    except UnicodeEncodeError as error:  # a word of the command line, or a folder, in bytes that are no UTF-8
        bad = ascii(error.object[error.start : error.end])
        sentence, status = f"A name that you gave is not valid text ({bad} in it): write it in UTF-8, or rename it.", 1
    if sentence:
        terminal.report_error(sentence, "--json" in arguments)
    return status
