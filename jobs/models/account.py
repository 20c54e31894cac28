"""The account whose deployments a command is about: a stack's, a named one, or every one of the subscription."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.account import signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.azure.errors import error_reason
from jobs.configuration import Configuration, read_configuration
from jobs.errors import ErrorKind, JobError
from jobs.models.choice import Choice
from jobs.models.offers import ACCOUNT_KINDS

PROVIDER = "providers/Microsoft.CognitiveServices"
# By Azure's rules for names. A dot alone would change the path of a request: `..` of a deployment is the account.
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
NAMES = {
    "deployment": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"),
    "account": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,63}"),
    "resource group": re.compile(r"[\w().-]{0,89}[\w()-]"),
    "subscription": re.compile(r"[0-9a-fA-F-]{36}"),
}


class NameUsageError(JobError):
    """A name that Azure cannot have. Wrong usage."""

    status = 2


@dataclass(frozen=True)
class ModelAccount:
    """One account. `config` is the stack's, None for an account that was named. `endpoint` is where models answer."""

    subscription: str
    group: str
    name: str
    region: str
    choice: Choice
    config: Configuration | None = None
    endpoint: str = ""

    @property
    def path(self) -> str:
        group, name = quote(self.group, safe=""), quote(self.name, safe="")
        return f"/subscriptions/{self.subscription}/resourceGroups/{group}/{PROVIDER}/accounts/{name}"

    def deployment_path(self, name: str) -> str:
        return f"{self.path}/deployments/{quote(name, safe='')}"

    def command(self, words: str) -> str:
        """A command about models with the options that choose this account."""
        return f"python -m jobs models {words} {self.choice.options()}"


def check_name(name: str, what: str) -> str:
    """The name again. Raises NameUsageError for one that Azure cannot have, before it is part of a path."""
    if not NAMES[what].fullmatch(name):
        raise NameUsageError(
            f"{name!r} cannot be the name of a {what}: Azure has letters, digits and - _ . there.", ErrorKind.usage
        )
    return name


def find_account(arm: Arm, choice: Choice) -> ModelAccount:
    """The account that the options choose. A stack's needs no request. Raises AzureError and JobError."""
    if not choice.account:
        if choice.group or choice.subscription:
            raise NameUsageError(
                "--resource-group and --subscription need --account NAME: without it the command is about the stack "
                f"{choice.stack}.",
                ErrorKind.usage,
            )
        config = read_configuration(choice.stack)
        return stack_account(config, subscription_id(config, signed_in_account()), choice)
    check_name(choice.account, "account")
    if not choice.group:
        raise NameUsageError("--account needs --resource-group RG: the group that the account is in.", ErrorKind.usage)
    check_name(choice.group, "resource group")
    subscription = chosen_subscription(choice)
    asked = ModelAccount(subscription, choice.group, choice.account, "", choice)
    try:
        return to_account(arm.get(asked.path, api_versions.COGNITIVE_SERVICES), asked)
    except ResourceNotFoundError as error:
        raise JobError(
            f"There is no account {choice.account} in {choice.group} ({error_reason(error)}): "
            "`az cognitiveservices account list` shows yours, --subscription chooses another subscription.",
            ErrorKind.not_found,
        ) from error


def stack_account(config: Configuration, subscription: str, choice: Choice) -> ModelAccount:
    """The account of a stack."""
    return ModelAccount(subscription, config.resource_group, config.foundry, config.ai_location, choice, config)


def chosen_subscription(choice: Choice) -> str:
    """The subscription of --subscription, else the one that every command uses."""
    if choice.subscription:
        return check_name(choice.subscription, "subscription")
    return subscription_id(None, signed_in_account())


def to_account(document: Mapping[str, Any], asked: ModelAccount) -> ModelAccount:
    """The account of Azure's document: its name as Azure writes it, which compares names without case.

    A region is in lower case, without spaces, wherever Azure writes it.
    """
    name = str(document.get("name") or asked.name)
    region = str(document.get("location") or "").replace(" ", "").lower()
    endpoint = str((document.get("properties") or {}).get("endpoint") or "")
    return ModelAccount(asked.subscription, asked.group, name, region, asked.choice, asked.config, endpoint)


def list_accounts(arm: Arm, choice: Choice) -> Iterator[ModelAccount]:
    """Every account of the subscription that can have models. Raises AzureError.

    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/list
    """
    if choice.account or choice.group:
        raise NameUsageError(
            "--everywhere is every account: leave out --account and --resource-group.", ErrorKind.usage
        )
    subscription = chosen_subscription(choice)
    path = f"/subscriptions/{subscription}/{PROVIDER}/accounts"
    for each in arm.pages(path, api_versions.COGNITIVE_SERVICES):
        if each.get("kind") in ACCOUNT_KINDS:
            group, name = re.findall(r"/(?:resourceGroups|accounts)/([^/]+)", str(each.get("id")), re.IGNORECASE)
            own = Choice(choice.stack, name, group, choice.subscription)
            yield to_account(each, ModelAccount(subscription, group, name, "", own))
