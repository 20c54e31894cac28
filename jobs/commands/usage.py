"""A wrong command line as one sentence: in this project's words, with the `--help` of the command that was called."""

from collections.abc import Sequence
from typing import Any

import typer

from jobs.errors import ErrorKind, JobError, explain

OPTION = r"Invalid value for (?P<name>.+?): "
# Patterns of Typer's and pydantic's sentences, and ours in their place.
SENTENCES = {
    OPTION
    + r"(Value error, )?(?P<value>'.*') is not one of (?P<choices>.+)": "{name} must be one of {choices}, not {value}",
    OPTION + r"Input should be greater than or equal to (?P<least>\S+)": "{name} must be {least} or more",
    OPTION + r"Input should be less than or equal to (?P<most>\S+)": "{name} must be {most} or less",
    OPTION + r"Input should be (a valid integer|an? integer)": "{name} must be a whole number",
    OPTION + r"Input should be (a valid number|a finite number)": "{name} must be a number",
    OPTION + r"(Value error, |Input should be )?(?P<reason>.+)": "{name}: {reason}",
    r"^Invalid value: (Value error, )?(?P<reason>.+)": "{reason}",
    r"^Missing \w+ (?P<name>'.+?')\. Choose from: (?P<choices>.+)": "{name} is missing: give one of {choices}",
    r"^Missing \w+ (?P<name>'.+?')": "{name} is missing",
    r"^No such option: (?P<name>.+?) \(Possible options: (?P<others>.+)\)": (
        "{name} is not an option of this command, unlike {others}"
    ),
    r"^No such option: (?P<name>.+)": "{name} is not an option of this command",
    r"^No such command (?P<name>'.*?')\. Did you mean (?P<others>.+)\?": "{name} is not a command, unlike {others}",
    r"^No such command (?P<name>'.*?')": "{name} is not a command",
    r"^Got unexpected extra argument\S* \((?P<words>.+)\)": "{words}: these words are more than the command takes",
    r"^Option (?P<name>'.+?') requires an argument": "{name} needs a value",
    r"^Option (?P<name>'.+?') does not take a value": "{name} takes no value",
}


def usage_error(error: typer.TyperException, command: Any, arguments: Sequence[str]) -> JobError:
    """The sentence for a wrong command line; empty where Typer has printed the help instead."""
    text = " ".join(error.format_message().split()).rstrip(".")  # Typer puts choices on lines of their own
    sentence = explain(text, SENTENCES, "{other}", other=text)
    words = " ".join(["python -m jobs", *command_words(command, arguments)])
    return JobError(sentence and f"{sentence}: see `{words} --help`.", ErrorKind.usage)


def command_words(command: Any, arguments: Sequence[str]) -> list[str]:
    """The words of `arguments` that name a command, such as ["models", "list"]."""
    words: list[str] = []
    for word in arguments:
        if word not in getattr(command, "commands", {}):
            break
        words.append(word)
        command = command.commands[word]
    return words
