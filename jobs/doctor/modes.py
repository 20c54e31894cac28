"""What you have to know of the modes `private` and `entraOnly` before `pulumi up`."""

from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command


def check_modes(config: Configuration) -> list[Check]:
    checks = []
    if config.private:
        text = (
            "after `pulumi up` approve Data Factory's private endpoints, docs/azure.md says how; they bill by the hour"
        )
        checks.append(Check("private", "ok", text))
    if config.entra_only:
        text = f"the jobs log in to the database as {config.entra_admin_name}"
        checks.append(Check("entraOnly", "ok", text) if has_own_admin_name(config) else default_name_warning(config))
    return checks


def has_own_admin_name(config: Configuration) -> bool:
    """Whether the administrator's role has another name than the default."""
    return config.entra_admin_name != "entra_admin"


def default_name_warning(config: Configuration) -> Check:
    name = '"$(az ad signed-in-user show --query userPrincipalName --output tsv)"'
    text = "your role in the database would be called entra_admin, not by your own name."
    return Check("entraOnly", "warning", text, config_command(config.stack, "entraAdminName", name))
