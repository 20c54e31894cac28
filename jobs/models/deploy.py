"""A new deployment: its checks, and in a stack the entry of the setting from which `pulumi up` creates it."""

from collections.abc import Mapping
from typing import Any

from jobs.azure.arm import Arm
from jobs.errors import ErrorKind, JobError
from jobs.models import checks, deployments, settings_file
from jobs.models.account import ModelAccount, check_name
from jobs.models.change import Plan, all_offers, check_provisioned_room, find_deployment
from jobs.models.deployments import Deployment
from jobs.models.drift import entry_values, find_entry
from jobs.models.life import Policy
from jobs.models.offers import Offer, today
from jobs.models.target_model import TargetModel


def plan_deploy(arm: Arm, account: ModelAccount, name: str, wanted: Mapping[str, Any], runway: int) -> Plan:
    """A new deployment of `wanted`: model, version, format, sku, capacity, policy, content_filter.

    Raises JobError for one of that name that is another, and AzureError.
    """
    before = find_deployment(arm, account, check_name(name, "deployment"))
    changes = {key: wanted[key] for key in ("model", "version", "sku", "capacity", "policy")}
    plan = Plan(
        verb="deploy",
        account=account,
        name=name,
        before=before,
        method="PUT",
        body=deployments.new_deployment(wanted),
        changes=changes,
        entry=wanted,
    )
    if before is None:
        check_new(arm, account, name, wanted, runway)
    elif not plan.is_done:
        has = " ".join(map(str, before.effective_values().values()))
        raise JobError(
            f"{name} exists, with {has}: change it with `models upgrade`, `models scale` "
            "or `models policy`, or choose another name.",
            ErrorKind.conflict,
        )
    return plan


def check_new(arm: Arm, account: ModelAccount, name: str, wanted: Mapping[str, Any], runway: int) -> Offer:
    """Raise where a new deployment is not offered, ends soon, or has no room. Returns its offer."""
    asked = Deployment({"name": name, **deployments.new_deployment(wanted)})
    target = TargetModel(wanted["model"], wanted["version"])
    offer = checks.find_target(asked, target, all_offers(arm, account, asked), account.region)
    checks.check_alive(offer, today(), runway)
    checks.check_capacity(offer, asked.capacity, asked.kind)
    checks.check_quota(offer, asked.capacity, "")
    if asked.kind == "provisioned":
        check_provisioned_room(arm, account, offer, asked.capacity)
    return offer


def to_entry(name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of the setting. What infra/models.py has for a default is left out."""
    entry = {"alias": name, **{key: wanted[key] for key in ("model", "version", "sku", "capacity")}}
    more = {"upgradePolicy": wanted["policy"], "contentFilter": wanted["content_filter"], "format": wanted["format"]}
    defaults = {"upgradePolicy": Policy.pinned, "contentFilter": "", "format": "OpenAI"}
    return entry | {key: str(value) for key, value in more.items() if value != defaults[key]}


def configure(account: ModelAccount, name: str, wanted: Mapping[str, Any], write: bool) -> tuple[str, bool]:
    """Add an entry to the stack's setting, so that Pulumi creates the deployment: it cannot take over one that exists.

    Returns the line, and whether it is in the file. Raises JobError for an entry of that name with other values.
    """
    assert account.config is not None  # noqa: S101 - it is a stack's
    config, entry = account.config, to_entry(name, wanted)
    there = find_entry(config.models, name)
    if there is not None and entry_values(there) != entry_values(entry):
        raise JobError(
            f"{config.file} has an entry {name} with other values: change that, or choose another name.",
            ErrorKind.conflict,
        )
    if there is not None:
        return settings_file.setting_line(settings_file.edited(config.models, lambda entries: None)), True
    edit = settings_file.addition(entry)
    if write:
        settings_file.write_models(config, edit)
    return settings_file.setting_line(settings_file.edited(config.models, edit)), write
