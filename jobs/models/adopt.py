"""Take over into the stack's file what Azure, or others, changed: the setting follows the deployments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.configuration import Configuration
from jobs.errors import ErrorKind, JobError
from jobs.models import settings_file
from jobs.models.account import find_account
from jobs.models.choice import Choice
from jobs.models.deployments import Deployment, list_deployments
from jobs.models.drift import differences, find_entry
from jobs.models.offers import HINT, ROLE
from jobs.notice import say_if_slow


@dataclass(frozen=True)
class Adopted:
    """The entries that follow Azure, and whether they are in the stack's file. `setting` is the whole line."""

    entries: tuple[dict[str, Any], ...]
    written: bool
    setting: str

    def summary(self) -> str:
        if not self.entries:
            return "The setting says what Azure has."
        texts = [f"{each['name']}: {each['key']} {each['was']} -> {each['is']}" for each in self.entries]
        end = "written" if self.written else f"add --write, or put below `config:`\n  {self.setting}"
        return "\n".join([*texts, end])


@say_if_slow("Asking Azure for the deployments")
def adopt(choice: Choice, name: str | None, write: bool) -> Adopted:
    """Compare the setting with Azure and, with `write`, change it. Raises JobError outside a stack."""
    if choice.account:
        raise JobError("Only a stack has a setting: use --target STACK.", ErrorKind.invalid)
    with translate_errors("the deployments", ROLE, HINT), Arm() as arm:
        account = find_account(arm, choice)
        deployments = list_deployments(arm, account)
    assert account.config is not None  # noqa: S101 - it is a stack's
    config = account.config
    found = drifted(config, deployments, name)
    edit = settings_file.all_edits([settings_file.entry_edit(each.name, changes) for each, changes in found])
    line = settings_file.setting_line(settings_file.edited(config.models, edit))
    if found and write:
        settings_file.write_models(config, edit)
    return Adopted(tuple(to_entries(config, found)), bool(found) and write, line)


def drifted(
    config: Configuration, deployments: Sequence[Deployment], name: str | None
) -> list[tuple[Deployment, dict[str, Any]]]:
    """The deployments that differ from their entries, with Azure's values. Raises JobError without that name."""
    chosen = [each for each in deployments if name is None or each.name.lower() == name.lower()]
    found = []
    for each in chosen:
        entry = find_entry(config.models, each.name)
        if entry is not None and (both := differences(entry, each)):
            found.append((each, {key: has for key, (_, has) in both.items()}))
    if name is not None and not (chosen and find_entry(config.models, name)):
        raise JobError(f"{name} is not both a deployment and an entry of `models`.", ErrorKind.not_found)
    return found


def to_entries(config: Configuration, found: Sequence[tuple[Deployment, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What changes, one entry a value."""
    return [
        {"name": each.name, "key": key, "was": was, "is": value}
        for each, _ in found
        for key, (was, value) in differences(find_entry(config.models, each.name) or {}, each).items()
    ]
