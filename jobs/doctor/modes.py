"""What is different in the modes `private` and `entraOnly`, before a person finds out."""

from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command


def check_modes(chosen: Configuration) -> list[Check]:
    found = []
    if chosen.private:
        text = (
            "after `pulumi up` let in Data Factory's private endpoints, docs/azure.md says how; they bill by the hour"
        )
        found.append(Check("private", "ok", text))
    if chosen.entra_only:
        text = f"the jobs log in to the database as {chosen.entra_admin_name}"
        found.append(Check("entraOnly", "ok", text) if is_named(chosen) else unnamed_check(chosen))
    return found


def is_named(chosen: Configuration) -> bool:
    """Whether the administrator's role has a name of its own choosing, and not the default."""
    return chosen.entra_admin_name != "entra_admin"


def unnamed_check(chosen: Configuration) -> Check:
    who = '"$(az ad signed-in-user show --query userPrincipalName --output tsv)"'
    text = "your role in the database would be called entra_admin, not by your own name."
    return Check("entraOnly", "warning", text, config_command(chosen.stack, "entraAdminName", who))
