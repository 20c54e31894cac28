"""A Pulumi stack, through the Pulumi CLI: the only place that calls it."""

import json
import re
import shutil
import subprocess
from typing import Any

from jobs import PROJECT, terminal
from jobs.errors import JobError

INSTALL = "https://www.pulumi.com/docs/install/"
# What the CLI says, and what to do. {stack} is the stack's name.
ERROR_HINTS = {
    r"no stack named|stack '.*' not found|could not find stack": (
        "There is no stack `{stack}`: `pulumi stack ls` lists yours, `pulumi stack init {stack}` makes it."
    ),
    r"must be set for login|not logged in|please run .?pulumi login|failed to determine current cloud|logged out"
    r"|\[401\] Unauthorized|invalid access token": (
        "Pulumi is not logged in: run `pulumi login --local` (or to the backend that holds the stack `{stack}`)."
    ),
    r"incorrect passphrase": (
        "That is not the passphrase of the stack `{stack}`: set PULUMI_CONFIG_PASSPHRASE to the one it was made with."
    ),
    r"passphrase must be set|unable to find either.*passphrase|constructing secrets manager.*passphrase": (
        "Pulumi wants the passphrase of the stack `{stack}`: set PULUMI_CONFIG_PASSPHRASE, or "
        "PULUMI_CONFIG_PASSPHRASE_FILE."
    ),
    r"no Pulumi\.yaml": "There is no Pulumi.yaml: run the command in the project's folder.",
}
ERROR = "error: "


class NoOutputsError(JobError):
    """The stack exists, and nothing stands of it."""


def pulumi_path() -> str:
    """The Pulumi CLI's path. Raises Failure when it is not installed."""
    found = shutil.which("pulumi")
    if found is None:
        raise JobError(
            f"The Pulumi CLI is not installed: install it ({INSTALL}), use `--outputs FILE` with a stack's outputs, or "
            "`--target local`."
        )
    return found


def stack_outputs(stack: str) -> dict[str, Any]:
    """Every output of a stack, secrets in clear.

    Raises Failure when the CLI is missing, not logged in, does not know the stack, or cannot read its secrets; and for
    no name, which Pulumi would take for whatever stack is selected.
    """
    if not stack.strip():
        raise JobError("The stack has no name: `pulumi stack ls` lists yours, `--target NAME` takes one.")
    text = run_pulumi(stack, "stack", "output", "--json", "--show-secrets", "--stack", stack)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise JobError(f"Pulumi's answer for stack `{stack}` is no JSON: update the Pulumi CLI.") from error
    if not isinstance(found, dict) or not found:
        raise NoOutputsError(f"The stack `{stack}` has no outputs: run `pulumi up --stack {stack}`.")
    return found


def run_pulumi(stack: str, *arguments: str) -> str:
    """What the CLI prints for a command about a stack. Raises Failure with a sentence of its own for each refusal."""
    answer = subprocess.run(
        [pulumi_path(), *arguments],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,  # so that it asks nothing: nobody would see the question
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if answer.returncode != 0:
        raise JobError(explain_error(stack, answer.stderr))
    return answer.stdout


def destroy_stack(stack: str) -> tuple[int, str]:
    """Delete everything of a stack. Gives back the CLI's exit status and its words, told on stderr as they come.

    Interrupted, it waits until the CLI, which got the same Ctrl-C, has come to a clean end.
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
            terminal.log("Waiting for Pulumi to come to a clean end")
            stream_output(process, lines)
            raise
    return process.returncode, "".join(lines)


def stream_output(process: subprocess.Popen[str], words: list[str]) -> None:
    """Tell what a program says until it ends, and keep it in `words`."""
    for line in process.stdout or ():
        terminal.log(line.rstrip())
        words.append(line)


def explain_error(stack: str, stderr: str) -> str:
    """A sentence for what the CLI said when it failed."""
    for pattern, sentence in ERROR_HINTS.items():
        if re.search(pattern, stderr, re.IGNORECASE):
            return sentence.format(stack=stack)
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(ERROR)]  # before them it may ask for a newer Pulumi
    why = next(iter(errors or lines), "no reason given").removeprefix(ERROR)
    return f"Pulumi cannot tell of the stack `{stack}` ({why}): see `pulumi stack ls`."
