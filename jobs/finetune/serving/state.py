"""What the laptop's endpoint serves: state.json in its folder, replaced whole. The commands write it, the server reads.

`deployments` maps a colour to its model's name, version and path, and to whether it is ready and checked.
"""

import json
import secrets
from pathlib import Path
from typing import Any, TypeAlias

from jobs.finetune.results import Deployment
from jobs.state import write_atomically

State: TypeAlias = dict[str, Any]
STATE, KEY = "state.json", "key"
NAME = "local-finetune"


def read_state(folder: Path) -> State:
    """The state; an empty one where there is no endpoint."""
    try:
        state: State = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"deployments": {}, "traffic": {}}
    return state


def write_state(folder: Path, state: State) -> None:
    write_atomically(folder / STATE, json.dumps(state, indent=2) + "\n")


def make_key(folder: Path, renew: bool = False) -> str:
    """The key of the endpoint, in a file that only its owner reads."""
    file = folder / KEY
    if renew or not file.exists():
        write_atomically(file, secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8")


def to_deployment(colour: str, made: State) -> Deployment:
    return Deployment(
        deployment=colour,
        model=made["model"],
        version=made["version"],
        size="",
        instances=1,
        state=made["state"],
        checked=made["checked"],
        hourly_usd=0.0,
        ready_seconds=made["ready_seconds"],
    )
