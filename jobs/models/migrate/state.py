"""What a migration has begun with and how far it is: a file of this machine, written whole before each step.

Azure is the truth where they differ: a contradiction stops a command, with both.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_JSON_BYTES, UnusableFileError, parse_json, read_regular_file
from jobs.models.account import ModelAccount
from jobs.models.deployments import Deployment
from jobs.state import state_folder, write_atomically


class Phase(StrEnum):
    """How far a migration is."""

    begun = "begun"  # the new deployment is asked for: an entry of the setting, or a PUT
    started = "started"  # both exist, and the weights are a file
    finishing = "finishing"  # the old one is proved quiet, and is being deleted
    done = "done"
    returning = "returning"  # the weights are back on the old one, and the new one is to be deleted
    deleting_new = "deleting the new one"
    back = "back"


ENDED = (Phase.done, Phase.back)


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One migration. `wanted` are the values of the new deployment; `*_created` says which deployment of a name it is.
    `account` is the path of the account: two groups may have one of the same name.

    `paused`: since when `--rehearse` has paused the old one; `rehearsed`: from when to when the last one did. `proof`:
    what the last deletion was based on.
    """

    alias: str
    old: str
    new: str
    wanted: dict[str, Any]
    phase: Phase
    old_created: str
    old_model: str
    account: str = ""
    new_created: str = ""
    routing: str = ""
    paused: str = ""
    rehearsed: list[str] = field(default_factory=list)
    proof: dict[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> str:
        return f"{self.wanted['model']} {self.wanted['version']}"


def state_file(account: str, alias: str) -> Path:
    """The file of a migration. Azure compares names without case, and so do some file systems."""
    return state_folder() / "models" / account / f"{alias.lower()}.json"


def read_state(account: str, alias: str) -> Migration | None:
    """The migration of an alias; None without one. Raises JobError for a file that is not one."""
    file = state_file(account, alias)
    if not file.exists():
        return None
    try:
        document: Mapping[str, Any] = parse_json(read_regular_file(file, MAX_JSON_BYTES))
        return Migration(**{**document, "phase": Phase(document["phase"])})
    except (OSError, UnusableFileError, ValueError, TypeError, KeyError) as error:
        raise JobError(
            f"{file} does not hold a migration ({error}): delete it, and run `models migrate start` again, which finds "
            "what exists.",
            ErrorKind.invalid,
        ) from error


def read_own_state(account: ModelAccount, alias: str) -> Migration | None:
    """The migration of an alias in this account; None without one.

    Raises JobError where one of another account of that name is at work: its file would be lost.
    """
    found = read_state(account.name, alias)
    if found is None or found.account.lower() in ("", account.path.lower()):
        return found
    if found.phase in ENDED:
        return None
    raise JobError(
        f"{state_file(account.name, alias)} is of a migration in {found.account}: end that first, or name another "
        "state folder with the variable JOBS_LOCAL.",
        ErrorKind.conflict,
    )


def write_state(account: str, migration: Migration, **changes: Any) -> Migration:
    """Replace the file whole. Returns the migration with the changes."""
    changed = replace(migration, **changes)
    write_atomically(state_file(account, migration.alias), json.dumps(asdict(changed), indent=1) + "\n")
    return changed


def check_same(migration: Migration, found: Deployment, created: str, model: str) -> None:
    """Raise JobError where a deployment is not the one that the migration began with."""
    has = f"{found.model} {found.version}"
    if (created and found.created != created) or (model and has != model):
        raise JobError(
            f"{found.name} is not the deployment that the migration began with: that was {model or 'another'} created "
            f"{created}, this is {has} created {found.created}. If it is right so, delete "
            f"{migration.alias}.json of the state folder and run `models migrate start` again.",
            ErrorKind.conflict,
        )
