"""Write programs that chat with the endpoint: a workflow of Microsoft Agent Framework, and a prompt flow's two files.

Prompt flow is not developed any more: https://learn.microsoft.com/azure/ai-foundry/how-to/prompt-flow-migration-overview
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.state import write_atomically

TEMPLATES = Path(__file__).parent / "flow"
FILES = {
    "chat_workflow.py": "chat_workflow.txt",
    "flow.dag.yaml": "flow.dag.txt",
    "integrate_with_promptflow.py": "integrate_with_promptflow.txt",
}


@dataclass(frozen=True, kw_only=True)
class FlowResult:
    files: list[str]

    def summary(self) -> str:
        return "\n".join([*self.files, 'Run it: python chat_workflow.py "QUESTION"'])


def write_flow(folder: Path, values: Mapping[str, str]) -> FlowResult:
    """Write the files. `values` are connection, file and project. Raises JobError: a changed file is not replaced."""
    contents = {
        name: fill((TEMPLATES / template).read_text(encoding="utf-8"), values) for name, template in FILES.items()
    }
    for name, content in contents.items():
        file = folder / name
        if file.exists() and file.read_bytes() != content.encode():
            raise JobError(f"{file} is there with other content: give another folder.", ErrorKind.conflict)
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return FlowResult(files=[str(folder / name) for name in contents])


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put each value in place of "$name", as a string of Python and of JSON; and of $connection, a checked name."""
    for name, value in values.items():
        template = template.replace(f'"${name}"', json.dumps(value))
    return template.replace("$connection", values["connection"])
