"""Soft-deleted vaults and Foundry accounts: they keep names and quota until they are purged."""

from collections.abc import Collection

from jobs.azure.soft_deleted import FOUNDRY_ACCOUNT, VAULT, DeletedResource, list_deleted
from jobs.doctor.check import Check, config_command, pluralize
from jobs.doctor.context import StackContext
from jobs.doctor.names import suggest_suffix


def find_leftovers(context: StackContext, missing: Collection[str]) -> list[DeletedResource]:
    """Every soft-deleted vault and account of the subscription; `missing` providers are not asked."""
    return [
        each
        for kind in (VAULT, FOUNDRY_ACCOUNT)
        if kind.provider not in missing
        for each in list_deleted(context.arm, context.subscription_id, kind)
    ]


def blocking_leftovers(context: StackContext, deleted: Collection[DeletedResource]) -> list[DeletedResource]:
    """Those that keep a name of the stack."""
    names = {context.config.vault.lower(), context.config.foundry.lower()}
    return [each for each in deleted if each.name.lower() in names]


def check_leftovers(context: StackContext, deleted: Collection[DeletedResource]) -> Check:
    config = context.config
    if blocking := blocking_leftovers(context, deleted):
        fixes = [each.purge_command for each in blocking]
        if not all(fixes):  # with purge protection only time, or another name, helps
            fixes = [config_command(config.stack, "nameSuffix", suggest_suffix(context))]
        text = f"soft-deleted, and still holding its name: {', '.join(each.name for each in blocking)}."
        return Check("leftovers", "problem", text, "\n".join(fixes))
    accounts = [each for each in deleted if each.kind is FOUNDRY_ACCOUNT and each.location == config.ai_location]
    if accounts:
        count = pluralize(len(accounts), "soft-deleted account")
        text = f"{count} in {config.ai_location} may hold the models' quota."
        fixes = [each.purge_command for each in accounts if each.purge_command]
        return Check("leftovers", "warning", text, "\n".join(fixes))
    return Check("leftovers", "ok", "nothing soft-deleted holds a name of this stack")
