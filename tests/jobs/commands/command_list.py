"""Every command of the command line."""

from typing import Any

import typer

from jobs.commands.app import app


def list_commands(command: Any, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """The Typer commands by their words, such as `models list`, groups such as `models` included."""
    subcommands = getattr(command, "commands", {})
    commands = {" ".join(words): command} if words else {}
    for name, each in subcommands.items():
        commands |= list_commands(each, (*words, name))
    return commands


COMMANDS = list_commands(typer.main.get_command(app))
WITHOUT_GROUPS = [words for words, command in COMMANDS.items() if not getattr(command, "commands", {})]
