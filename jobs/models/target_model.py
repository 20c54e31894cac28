"""The model that a command is about, as its argument names it: MODEL@VERSION, or @VERSION of the same model."""

import re
from typing import NamedTuple

from jobs.errors import ErrorKind
from jobs.models.account import NameUsageError

FORM = re.compile(r"(?P<model>[\w.:-]*)@(?P<version>[\w.:-]+)", re.ASCII)


class TargetModel(NamedTuple):
    """A model and its version."""

    model: str
    version: str

    def __str__(self) -> str:
        return f"{self.model} {self.version}"


def parse_target(text: str, same_model: str | None = None) -> TargetModel:
    """The model of `gpt-5.6-luna@2026-07-09`; of `@2026-07-09` where the deployment's own is given.

    Raises NameUsageError: a version is never left out, because Azure then takes one that may be old.
    """
    match = FORM.fullmatch(text)
    model = (match["model"] or same_model) if match else None
    if not match or not model:
        short = ", or @VERSION for the same model" if same_model is not None else ""
        raise NameUsageError(f"{text!r} is not MODEL@VERSION, such as gpt-5.6-luna@2026-07-09{short}.", ErrorKind.usage)
    return TargetModel(model, match["version"])
