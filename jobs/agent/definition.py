"""agent.yaml: what an agent is, checked where it enters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from jobs.agent.functions import SHIPPED
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_YAML_BYTES, UnusableFileError, parse_yaml, read_regular_file
from jobs.tools.tool import Tool

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # as Foundry allows
NUMBERS = {"temperature": 2.0, "top_p": 1.0}
EFFORTS = ("none", "low", "medium", "high")


@dataclass(frozen=True, kw_only=True)
class AgentDefinition:
    """`model` is a deployment's alias. `files` are files and folders for file search, beside agent.yaml.

    `functions` are tools; those that this project ships have code, the others are asked of the person.
    """

    name: str
    instructions: str
    description: str = ""
    model: str = "chat"
    temperature: float | None = None
    top_p: float | None = None
    reasoning: str | None = None
    files: tuple[Path, ...] = ()
    code_interpreter: bool = False
    functions: tuple[Tool, ...] = field(default=())

    def parameters(self) -> dict[str, Any]:
        """The model's parameters that the file gives."""
        given = {"temperature": self.temperature, "top_p": self.top_p, "reasoning": self.reasoning}
        return {name: value for name, value in given.items() if value is not None}

    def tool_names(self) -> list[str]:
        """Every tool, by name."""
        names = [tool.name for tool in self.functions]
        return [
            *names,
            *(["file_search"] if self.files else []),
            *(["code_interpreter"] if self.code_interpreter else []),
        ]


def check_name(name: str) -> str:
    """Returns the name. Raises JobError for one that Foundry does not take."""
    if not NAME.fullmatch(name):
        raise JobError(
            f"An agent's name has small letters, digits and hyphens, at most 63, not {name[:70]!r}.", ErrorKind.invalid
        )
    return name


def read_definition(name: str, file: Path) -> AgentDefinition:
    """The agent of a file. Raises JobError, which names what is wrong."""
    if not file.is_file():
        raise JobError(f"There is no file {file}: docs/assistant.md shows an agent.yaml.", ErrorKind.not_found)
    try:
        return parse_definition(check_name(name), parse_yaml(read_regular_file(file, MAX_YAML_BYTES)), file.parent)
    except (UnusableFileError, ValueError) as error:
        raise JobError(f"{file} cannot be used: {error}.", ErrorKind.invalid) from error


def parse_definition(name: str, value: Any, folder: Path) -> AgentDefinition:
    """The agent of a file's value; its files are below `folder`. Raises ValueError."""
    if not isinstance(value, Mapping):
        raise ValueError("it has no `instructions:`")
    known = {each.name for each in fields(AgentDefinition)} - {"name"}
    if unknown := sorted(str(key) for key in value if key not in known):
        raise ValueError(f"it has {unknown[0]}, and only {', '.join(sorted(known))} are known")
    texts = {key: value[key] for key in ("instructions", "description", "model") if key in value}
    if not all(isinstance(text, str) for text in texts.values()) or not texts.get("instructions", "").strip():
        raise ValueError("instructions, description and model are texts, and instructions are needed")
    for key, most in NUMBERS.items():
        number = value.get(key)
        if number is not None and (
            not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number <= most
        ):
            raise ValueError(f"{key} is a number from 0 to {most:g}")
    if value.get("reasoning") not in (None, *EFFORTS):
        raise ValueError(f"reasoning is one of {', '.join(EFFORTS)}")
    if not isinstance(value.get("code_interpreter", False), bool):
        raise ValueError("code_interpreter is true or false")
    return AgentDefinition(
        name=name,
        **texts,
        **{key: value[key] for key in ("temperature", "top_p", "reasoning") if value.get(key) is not None},
        code_interpreter=value.get("code_interpreter", False),
        files=tuple(find_file(folder, each) for each in as_list(value, "files")),
        functions=tuple(parse_function(each) for each in as_list(value, "functions")),
    )


def as_list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key) or []
    if not isinstance(found, list):
        raise ValueError(f"{key} is a list")
    return found


def find_file(folder: Path, name: Any) -> Path:
    path = folder / str(name)
    if not path.exists():
        raise ValueError(f"there is no file or folder {path}")
    return path


def parse_function(value: Any) -> Tool:
    """A shipped function by its name, or one of the person's by name, description and JSON schema."""
    if isinstance(value, str):
        if value not in SHIPPED:
            raise ValueError(
                f"{value} is not one of {', '.join(SHIPPED)}: describe it with name, description, parameters"
            )
        return SHIPPED[value]
    if not isinstance(value, Mapping) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(value.get("name", ""))):
        raise ValueError("a function has a name of letters, digits, _ and -")
    schema = value.get("parameters", {"type": "object", "properties": {}})
    if (
        not isinstance(schema, Mapping)
        or schema.get("type") != "object"
        or not isinstance(schema.get("properties"), Mapping)
    ):
        raise ValueError(f"the parameters of {value['name']} are a JSON schema of type object, with properties")
    return Tool(str(value["name"]), str(value.get("description", "")), dict(schema), None)
