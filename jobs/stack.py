"""A Pulumi stack, through the Pulumi CLI: the only module that runs it."""

import shutil
import subprocess
from typing import Any

from jobs import PROJECT, terminal
from jobs.errors import ErrorKind, JobError, explain
from jobs.foreign_files import UnusableFileError, parse_json
from jobs.programs import run_program

INSTALL_URL = "https://www.pulumi.com/docs/install/"
NO_STACK = r"no stack named|stack '.*' not found|could not find stack"
NO_LOGIN = (
    r"must be set for login|not logged in|please run .?pulumi login|failed to determine current cloud|logged out"
    r"|\[401\] Unauthorized|invalid access token"
)
REFUSED_SECRETS = r"incorrect passphrase"
LOCKED_SECRETS = r"passphrase must be set|unable to find either.*passphrase|constructing secrets manager.*passphrase"
NO_PROJECT = r"no Pulumi\.yaml"
TOO_OLD = r"does not satisfy the version range"
UNREADABLE = r"failed to load checkpoint"
LOCKED = r"currently locked by|the stack is locked|another update is currently in progress"
# The CLI's errors, and what to do. {stack} is the stack's name.
ERROR_HINTS = {
    NO_STACK: ("There is no stack `{stack}`: `pulumi stack ls` lists yours, `pulumi stack init {stack}` creates it."),
    NO_LOGIN: (
        "Pulumi is not logged in: run `pulumi login --local` (or to the backend that holds the stack `{stack}`)."
    ),
    REFUSED_SECRETS: (
        "That is not the passphrase of the stack `{stack}`: set PULUMI_CONFIG_PASSPHRASE to the one it was created "
        "with."
    ),
    LOCKED_SECRETS: (
        "Pulumi needs the passphrase of the stack `{stack}`: set PULUMI_CONFIG_PASSPHRASE, or "
        "PULUMI_CONFIG_PASSPHRASE_FILE."
    ),
    NO_PROJECT: "There is no Pulumi.yaml: run the command in the project's folder.",
    TOO_OLD: f"This Pulumi CLI is too old for the project ({{reason}}): install a newer one ({INSTALL_URL}).",
    UNREADABLE: (
        "Pulumi cannot read the state of the stack `{stack}` ({reason}), perhaps because it was killed while it wrote: "
        "run `python -m jobs recover --target {stack}`."
    ),
    LOCKED: (
        "Pulumi works on the stack `{stack}`, or was killed while it did: wait until it has ended, or run "
        "`python -m jobs recover --target {stack}`, which lifts the lock of a process that has ended."
    ),
}
ERROR_KINDS = {
    NO_STACK: "not_found",
    NO_LOGIN: "refused",
    REFUSED_SECRETS: "refused",
    LOCKED_SECRETS: "refused",
    NO_PROJECT: "not_found",
    TOO_OLD: "unavailable",
    LOCKED: "conflict",
}
NO_HINT = "Pulumi cannot read the stack `{stack}` ({reason}): see `pulumi stack ls`."
ERROR_PREFIX = "error: "
SHOW_SECRETS = "--show-secrets"
# Reading a stack takes some seconds, from a distant backend and with a login by `az` half a minute.
READ_SECONDS = 180.0
HANGS = (
    "run `{command}` yourself to see what it waits for (`pulumi whoami --verbose` shows its backend), or use "
    "`--outputs FILE`, then run the same command again."
)


class NoOutputsError(JobError):
    """The stack exists, but has no outputs: nothing is deployed."""


def pulumi_path() -> str:
    """The Pulumi CLI's path. Raises JobError when it is not installed."""
    path = shutil.which("pulumi")
    if path is None:
        raise JobError(
            f"The Pulumi CLI is not installed: install it ({INSTALL_URL}), use `--outputs FILE` with the outputs of a "
            "stack, or `--target local`.",
            ErrorKind.unavailable,
        )
    return path


def stack_outputs(stack: str) -> dict[str, Any]:
    """Every output of a stack, secrets decrypted.

    Raises JobError when the CLI is not installed or logged in, has no such stack, or cannot decrypt its secrets; and
    for an empty name, for which Pulumi would use the selected stack.
    """
    if not stack.strip():
        raise JobError(
            "The stack has no name: `pulumi stack ls` lists yours, `--target NAME` selects one.", ErrorKind.invalid
        )
    text = run_pulumi(stack, "stack", "output", "--json", SHOW_SECRETS, "--stack", stack)
    try:
        outputs = parse_json(text)
    except UnusableFileError as error:
        raise JobError(f"Pulumi's output for stack `{stack}` is not valid JSON: update the Pulumi CLI.") from error
    if not isinstance(outputs, dict) or not outputs:
        raise NoOutputsError(
            f"The stack `{stack}` has no outputs: run `pulumi up --stack {stack}`.", ErrorKind.not_found
        )
    return outputs


def run_pulumi(stack: str, *arguments: str, **options: Any) -> str:
    """Run the CLI and return its output. Raises JobError, with a sentence for each known error, and when it hangs.

    `options` are those of `call_pulumi`, and of `run_program`: its input, its folder, its environment.
    """
    process = call_pulumi(*arguments, **options)
    if process.returncode != 0:
        raise pulumi_error(stack, process.stderr)
    return process.stdout


def call_pulumi(
    *arguments: str, at_most: float | None = None, name: str = "", **options: Any
) -> "subprocess.CompletedProcess[str]":
    """Run the CLI to its end, whatever its exit status. Raises JobError when it hangs: after `at_most` seconds.

    `name` says what is waited for, where the command itself would not.
    """
    return run_program(
        [pulumi_path(), *arguments],
        name=name or f"`pulumi {' '.join(arguments[:2])}`",
        at_most=at_most or READ_SECONDS,
        advice=HANGS.format(command=" ".join(["pulumi", *(word for word in arguments if word != SHOW_SECRETS)])),
        **{"cwd": PROJECT, **options},
    )


def pulumi_error(stack: str, text: str) -> JobError:
    """The JobError for what the CLI wrote on stderr."""
    return JobError(explain_error(stack, text), ErrorKind(explain(text, ERROR_KINDS, "failed")))


def destroy_stack(stack: str) -> tuple[int, str]:
    """Run `pulumi destroy`, with its output on stderr as it comes. Returns its exit status and output.

    On Ctrl-C, which the CLI gets too, it waits until the CLI has ended cleanly.
    """
    command = [pulumi_path(), "destroy", "--yes", "--stack", stack, "--non-interactive"]
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            stream_output(process, lines)
        except KeyboardInterrupt:
            terminal.log("Waiting for Pulumi to end cleanly")
            stream_output(process, lines)
            raise
    return process.returncode, "".join(lines)


def stream_output(process: subprocess.Popen[str], lines: list[str]) -> None:
    """Show the output of a program until it ends, and append it to `lines`."""
    for line in process.stdout or ():
        terminal.log(line.rstrip())
        lines.append(line)


def explain_error(stack: str, stderr: str) -> str:
    """One sentence for an error of the CLI."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(ERROR_PREFIX)]  # other lines may ask for a newer Pulumi
    reason = next(iter(errors or lines), "no reason given").removeprefix(ERROR_PREFIX)
    return explain(stderr, ERROR_HINTS, NO_HINT, stack=stack, reason=reason)
