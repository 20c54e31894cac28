"""Names that have to be unique in all of Azure: available, this stack's own already, or somebody else's.

Data Factory's names are unique too, but it has no API to check them.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from jobs.azure import api_versions
from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext
from jobs.doctor.postgres import SERVER
from jobs.doctor.providers import COGNITIVE_SERVICES, KEY_VAULT, POSTGRES, REGISTRY, SEARCH, STORAGE


@dataclass(frozen=True)
class Question:
    """One request for a name's availability: `kind` is the resource's type, `available_key` the answer's boolean."""

    provider: str
    path: str
    version: str
    kind: str
    body: dict[str, str]
    available_key: str = "nameAvailable"

    @property
    def name(self) -> str:
        return self.body.get("name") or self.body["subdomainName"]


def name_questions(config: Configuration) -> list[Question]:
    """One for each name. An answer is {nameAvailable, reason, message}, that of Foundry {isSubdomainAvailable}.

    https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability and the like
    """
    accounts, vaults, ai = f"{STORAGE}/storageAccounts", f"{KEY_VAULT}/vaults", f"{COGNITIVE_SERVICES}/accounts"
    check = "checkNameAvailability"
    questions = [
        Question(STORAGE, check, api_versions.STORAGE, accounts, {"name": name, "type": accounts})
        for name in storage_accounts(config)
    ]
    questions += [
        Question(POSTGRES, check, api_versions.POSTGRESQL, SERVER, {"name": config.postgres_server, "type": SERVER}),
        Question(KEY_VAULT, check, api_versions.KEY_VAULT, vaults, {"name": config.vault, "type": vaults}),
        Question(
            COGNITIVE_SERVICES,
            "checkDomainAvailability",
            api_versions.COGNITIVE_SERVICES,
            ai,
            {"subdomainName": config.foundry, "type": ai, "kind": "AIServices"},
            "isSubdomainAvailable",
        ),
    ]
    if config.search != "none":
        body = {"name": config.search_service, "type": "searchServices"}
        questions.append(Question(SEARCH, check, api_versions.SEARCH, f"{SEARCH}/searchServices", body))
    if config.machine_learning:
        registries = f"{REGISTRY}/registries"
        body = {"name": config.ml_registry, "type": registries}
        questions.append(Question(REGISTRY, check, api_versions.CONTAINER_REGISTRY, registries, body))
    return questions


def storage_accounts(config: Configuration) -> tuple[str, ...]:
    """The names of the stack's storage accounts."""
    learning = (config.ml_account,) if config.machine_learning else ()
    return (config.pictures_account, config.lake_account, *learning)


def check_names(context: StackContext, missing: Collection[str], held: Collection[str]) -> list[Check]:
    """Skips names of `missing` providers, and those `held` by soft-deleted resources, which have their own check."""
    questions = [each for each in name_questions(context.config) if each.provider not in missing]
    own = [each for each in questions if context.exists(each.kind, each.name)]
    others = [each for each in questions if each not in own and each.name.lower() not in held]
    answers = {each.name: unavailable_reason(each, query_availability(context, each)) for each in others}
    unavailable = {name: reason for name, reason in answers.items() if reason}
    if not unavailable:
        kept = f", {len(own)} this stack's own already" if own else ""
        return [Check("names", "ok", f"{len(others)} available{kept}; Data Factory's cannot be checked")]
    listed = "; ".join(f"{name} ({reason})" for name, reason in unavailable.items())
    warning = " Another suffix creates everything again, without the data." if own else ""
    fix = config_command(context.config.stack, "nameSuffix", suggest_suffix(context))
    return [Check("names", "problem", f"not available: {listed}.{warning}", fix)]


def query_availability(context: StackContext, question: Question) -> dict[str, Any]:
    path = f"{context.subscription}/providers/{question.provider}/{question.path}"
    return context.arm.post(path, question.version, question.body)


def unavailable_reason(question: Question, answer: dict[str, Any]) -> str:
    """Why a name is not available; empty where it is."""
    return "" if answer.get(question.available_key) else str(answer.get("reason") or "in use")


def suggest_suffix(context: StackContext) -> str:
    """Another suffix for this stack and subscription: the same each time, and unlikely to be in use."""
    seed = f"{context.subscription_id} {context.config.stack} {context.config.name_suffix}"
    return hashlib.sha256(seed.encode()).hexdigest()[:6]
