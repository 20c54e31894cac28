"""Run a command, and report how it ended: one sentence, never a traceback, and an exit status."""

import errno
from collections.abc import Sequence

import typer

from jobs import terminal
from jobs.commands.app import command
from jobs.commands.usage import usage_error
from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.interrupts import stop_signals_as_ctrl_c
from jobs.requirements import explain_missing_module

CTRL_C = StoppedError.status
STOPPED = "Stopped: the same command goes on from here."

SYSTEM_ERRORS = {
    ErrorKind.not_found: (errno.ENOENT,),
    ErrorKind.refused: (errno.EACCES, errno.EPERM, errno.EROFS),
    ErrorKind.unavailable: (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    ErrorKind.invalid: (errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL),
    ErrorKind.conflict: (errno.EEXIST, errno.ENOTEMPTY, errno.EBUSY),
}


def main(arguments: Sequence[str]) -> int:
    """Run a command. Returns its exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped, or what an error says."""
    terminal.replace_closed_streams()
    terminal.escape_unprintable()
    error: JobError | None = None
    try:
        with stop_signals_as_ctrl_c():
            status = int(command(list(arguments), prog_name="python -m jobs", standalone_mode=False) or 0)
        error = StoppedError(STOPPED) if status == CTRL_C else None
    except (KeyboardInterrupt, typer.Abort):
        error, status = StoppedError(STOPPED), CTRL_C
    except typer.TyperException as raised:
        error, status = usage_error(raised, command, arguments), 2
    except JobError as raised:
        error, status = raised, raised.status
    except ModuleNotFoundError as raised:
        error, status = missing_module_error(raised), 1
    except OSError as raised:
        error, status = system_error(raised), 1
    except UnicodeEncodeError as raised:
        error, status = encoding_error(raised), 1
    if error and str(error):
        terminal.report_error(error, "--json" in arguments)
    return status


def missing_module_error(error: ModuleNotFoundError) -> JobError:
    """The sentence for a package that is not installed. Raises the error again for a module of this project."""
    name = error.name or ""
    if name.split(".")[0] in ("", "jobs"):
        raise error
    return JobError(explain_missing_module(name), ErrorKind.unavailable)


def system_error(error: OSError) -> JobError:
    """The sentence for what the operating system refused: a file, a folder, a connection."""
    name = f"{error.filename}: " if error.filename else ""
    return JobError(f"{name}{error.strerror or error}: fix that, then run the same command again.", system_kind(error))


def system_kind(error: OSError) -> ErrorKind:
    if isinstance(error, ConnectionError | TimeoutError):
        return ErrorKind.unavailable
    return next((kind for kind, codes in SYSTEM_ERRORS.items() if error.errno in codes), ErrorKind.failed)


def encoding_error(error: UnicodeEncodeError) -> JobError:
    """The sentence for a word of the command line, or a file's name, whose bytes are not UTF-8."""
    part = ascii(error.object[error.start : error.end])
    sentence = f"A name that you gave is not valid text ({part} in it): write it in UTF-8, or rename it."
    return JobError(sentence, ErrorKind.invalid)
