"""agent.yaml: what an agent is, checked where it enters."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from jobs.agent.functions import SHIPPED
from jobs.assistant.parameters import EFFORTS, NUMBERS
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_YAML_BYTES, UnusableFileError, parse_yaml, read_regular_file
from jobs.tools.tool import Tool

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # as Foundry allows
FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
PARAMETERS = ("temperature", "top_p")
TAKEN = ("file_search", "code_interpreter", "search_documents")  # the names of tools that are not functions of a file
NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}


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
    if not texts.get("model", "chat").strip():
        raise ValueError("model is the alias of a deployment")
    for key in PARAMETERS:
        _, least, most, words = NUMBERS[key]
        number = value.get(key, least)
        if number is not None and (
            not isinstance(number, int | float) or isinstance(number, bool) or not least <= number <= most
        ):
            raise ValueError(f"{key} is {words}")
    if value.get("reasoning") not in (None, *EFFORTS):
        raise ValueError(f"reasoning is one of {', '.join(EFFORTS)}")
    if not isinstance(value.get("code_interpreter", False), bool):
        raise ValueError("code_interpreter is true or false")
    functions = tuple(parse_function(each) for each in as_list(value, "functions"))
    names = [each.name for each in functions]
    if twice := [each for each in names if names.count(each) > 1 or each in TAKEN]:
        raise ValueError(f"the function {twice[0]} is there twice, or its name is that of a tool of the service")
    return AgentDefinition(
        name=name,
        **texts,
        **{key: value[key] for key in (*PARAMETERS, "reasoning") if value.get(key) is not None},
        code_interpreter=value.get("code_interpreter", False),
        files=tuple(find_file(folder, each) for each in as_list(value, "files")),
        functions=functions,
    )


def as_list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key) or []
    if not isinstance(found, list):
        raise ValueError(f"{key} is a list")
    return found


def find_file(folder: Path, name: Any) -> Path:
    path = folder / str(name)
    if not isinstance(name, str) or not path.exists():
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
    if not isinstance(value, Mapping) or not FUNCTION_NAME.fullmatch(str(value.get("name", ""))):
        raise ValueError("a function has a name of letters, digits, _ and -")
    name, keys = str(value["name"]), ("name", "description", "parameters")
    if unknown := [str(key) for key in value if key not in keys]:
        raise ValueError(f"the function {name} has {unknown[0]}, and only {', '.join(keys)} are known")
    if not isinstance(value.get("description", ""), str):
        raise ValueError(f"the description of {name} is a text")
    tool = Tool(name, value.get("description", ""), parse_schema(name, value.get("parameters", NO_PARAMETERS)), None)
    shipped = SHIPPED.get(name)
    if shipped and tool.parameters not in (NO_PARAMETERS, shipped.parameters):
        raise ValueError(
            f"{name} is a function of this project: write `functions: [{name}]`, or give yours another name"
        )
    return shipped or tool


def parse_schema(name: str, value: Any) -> dict[str, Any]:
    """The JSON schema of a function's parameters, as JSON has it. Raises ValueError."""
    try:
        schema = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):  # YAML has dates, bytes and .nan, JSON has not
        raise ValueError(f"the parameters of {name} have a value that JSON does not have: quote dates") from None
    if not isinstance(schema, dict) or schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        raise ValueError(f"the parameters of {name} are a JSON schema of type object, with properties")
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(each, str) for each in required):
        raise ValueError(f"`required` in the parameters of {name} is a list of names")
    return schema
