"""The subscription of the jobs and the login, from the Azure CLI or the environment."""

import json
import os
import shutil
from dataclasses import dataclass

from jobs.azure.login import PROGRAM_SECONDS
from jobs.configuration import Configuration
from jobs.errors import ErrorKind, JobError
from jobs.programs import run_program

AZ_INSTALL_URL = "https://learn.microsoft.com/cli/azure/install-azure-cli"
SUBSCRIPTION_VARIABLES = ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")  # Pulumi's variable first
# With any of these DefaultAzureCredential logs in without the Azure CLI: in a pipeline, or on a machine in Azure.
# https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables
LOGIN_VARIABLES = ("AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "MSI_ENDPOINT")


@dataclass(frozen=True)
class Account:
    """The output of `az account show`: the chosen subscription, and the user who is logged in."""

    subscription_id: str
    user: str


def az_path() -> str | None:
    """The Azure CLI's path, if it is installed."""
    return shutil.which("az")


def has_machine_login() -> bool:
    """Whether the environment says how to log in without the Azure CLI."""
    return any(os.environ.get(name) for name in LOGIN_VARIABLES)


def signed_in_account() -> Account | None:
    """The account of `az login`; None without the CLI or a login. The CLI reads its own files and needs no network."""
    az = az_path()
    if az is None:
        return None
    try:
        answer = run_program(
            [az, "account", "show", "--output", "json"], name="`az account show`", at_most=PROGRAM_SECONDS, advice=""
        )
        shown = json.loads(answer.stdout) if answer.returncode == 0 else {}
    except (JobError, ValueError):  # it hangs, or prints something else
        return None
    if not isinstance(shown, dict) or not shown.get("id"):
        return None
    return Account(str(shown["id"]), str((shown.get("user") or {}).get("name") or ""))


def subscription_id(config: Configuration | None, account: Account | None) -> str:
    """The subscription of the stack (if any), of the environment, or of the Azure CLI: the order that Pulumi uses.

    Raises JobError when none of them names one.
    """
    from_environment = next(filter(None, (os.environ.get(name) for name in SUBSCRIPTION_VARIABLES)), "")
    name = (config and config.subscription_id) or from_environment or (account.subscription_id if account else "")
    if not name:
        install = "" if az_path() else f"install the Azure CLI ({AZ_INSTALL_URL}), "
        raise JobError(
            f"Nothing says which subscription to use: {install}run `az login`, or set ARM_SUBSCRIPTION_ID.",
            ErrorKind.refused,
        )
    return name
