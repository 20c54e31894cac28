"""The command line: one file per subject. What a command does is in the package of its name.

Each command imports its job when it runs: torch takes seconds to import, and `--help` must not wait for it.
"""

from typing import Any

import typer

from jobs.commands import (
    agent,
    bench,
    chat,
    doctor,
    documents,
    finetune,
    finetune_manage,  # noqa: F401 - they add themselves to `finetune`
    finetune_serving,  # noqa: F401
    laptop,
    model_changes,  # noqa: F401 - they add themselves to `models`
    model_deploy,  # noqa: F401
    model_end,  # noqa: F401
    models,
    operate,
    pipeline,
    search,
    speak,
    vectors,
    web,
)

# The commands in the order of the flow, by the title of their panel in the help.
PANELS = {
    "On this laptop": ("demo", "app", "local", "sample"),
    "From pictures to search, in this order": (
        "adopt",
        "embed",
        "migrate",
        "upload",
        "run-pipeline",
        "verify",
        "index",
        "search",
        "explore",
        "export",
    ),
    "Ask the vector lake": ("chat", "documents", "agent", "speak"),
    "Fine-tune a language model": ("finetune",),
    "A stack on Azure": ("doctor", "recover", "models", "cost", "runs", "trigger", "pause", "resume", "teardown"),
    "Measurements": ("bench",),
}
TYPES = {"<bool": "", "<int": "N", "<float": "N", "<str": "TEXT", "<path": "PATH"}

app = typer.Typer(
    help="Turn pictures into a searchable vector lake, on Azure or on this laptop. Start with: python -m jobs demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
SUBJECTS = (
    laptop, vectors, pipeline, search, web, chat, documents, agent, speak, finetune, bench, doctor, models, operate
)  # fmt: skip
for commands in SUBJECTS:
    app.add_typer(commands.app)


def build_command() -> Any:
    """Return the whole command line as Typer's command: its help in panels, without the names of Python's types."""
    command: Any = typer.main.get_command(app)
    order = [(panel, name) for panel, names in PANELS.items() for name in names if name in command.commands]
    for panel, name in order:
        command.commands[name].rich_help_panel = panel
        command.commands[name] = command.commands.pop(name)
    hide_types(command)
    return command


def hide_types(command: Any) -> None:
    """Show N, TEXT or nothing where Typer writes <int>, <str> or <bool>. What an argument is, its name says."""
    context = typer.Context(command)
    for parameter in (*command.params, command.get_help_option(context)):
        python_type = parameter.display_type(context)
        if parameter.param_type_name == "argument" and python_type.startswith(("<str", "<path", "<int")):
            parameter.display_type_rich = lambda ctx: ""
        elif parameter.metavar is None:
            parameter.metavar = next((name for kind, name in TYPES.items() if python_type.startswith(kind)), None)
    for each in getattr(command, "commands", {}).values():
        hide_types(each)


command = build_command()
