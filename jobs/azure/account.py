"""Which subscription the jobs ask about, and whether anybody is logged in: told by the Azure CLI or the environment."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass

from jobs.azure.login import PROGRAM_SECONDS
from jobs.configuration import Configuration
from jobs.errors import JobError

INSTALL = "https://learn.microsoft.com/cli/azure/install-azure-cli"
SUBSCRIPTION = ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")  # Pulumi's name for it first
# With one of these DefaultAzureCredential logs in without the Azure CLI: a pipeline, or a machine in Azure.
# https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables
IDENTITY = ("AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "MSI_ENDPOINT")


@dataclass(frozen=True)
class Account:
    """What `az account show` tells: the chosen subscription, and who is logged in."""

    subscription_id: str
    user: str


def az_path() -> str | None:
    """The Azure CLI's path, if it is installed."""
    return shutil.which("az")


def has_machine_login() -> bool:
    """Whether the environment says how to log in without the Azure CLI."""
    return any(os.environ.get(name) for name in IDENTITY)


def signed_in_account() -> Account | None:
    """Whoever `az login` made; nobody without the CLI or a login. It looks into its own files and asks no network."""
    az = az_path()
    if az is None:
        return None
    try:
        answer = subprocess.run(
            [az, "account", "show", "--output", "json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PROGRAM_SECONDS,
            check=False,
        )
        found = json.loads(answer.stdout) if answer.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        return None
    if not isinstance(found, dict) or not found.get("id"):
        return None
    return Account(str(found["id"]), str((found.get("user") or {}).get("name") or ""))


def subscription_id(chosen: Configuration, found: Account | None) -> str:
    """The subscription of the stack, of the environment, or the one that the Azure CLI has chosen; as Pulumi has it.

    Raises Failure when nothing tells it.
    """
    told = (os.environ.get(name) for name in SUBSCRIPTION)
    name = chosen.subscription_id or next(filter(None, told), "") or (found.subscription_id if found else "")
    if not name:
        install = "" if az_path() else f"install the Azure CLI ({INSTALL}), "
        raise JobError(f"Nothing says which subscription to ask: {install}run `az login`, or set ARM_SUBSCRIPTION_ID.")
    return name
