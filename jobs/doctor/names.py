"""Names that Azure holds in common for all its customers: free, this stack's own already, or somebody else's.

Data Factory's names are such names too, but it offers no question about them.
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
from jobs.doctor.providers import AI, POSTGRES, SEARCH, STORAGE, VAULT


@dataclass(frozen=True)
class Question:
    """How one service is asked: `kind` is the resource's type, `body` what is asked, `answer` the key that says yes."""

    provider: str
    path: str
    version: str
    kind: str
    body: dict[str, str]
    answer: str = "nameAvailable"

    @property
    def name(self) -> str:
        return self.body.get("name") or self.body["subdomainName"]


def name_questions(chosen: Configuration) -> list[Question]:
    """One for each name. The answers are {nameAvailable, reason, message}, those of Foundry {isSubdomainAvailable}.

    https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability and those of its kind
    """
    accounts, vaults, ai = f"{STORAGE}/storageAccounts", f"{VAULT}/vaults", f"{AI}/accounts"
    check = "checkNameAvailability"
    found = [
        Question(STORAGE, check, api_versions.STORAGE, accounts, {"name": name, "type": accounts})
        for name in (chosen.pictures_account, chosen.lake_account)
    ]
    found += [
        Question(POSTGRES, check, api_versions.POSTGRESQL, SERVER, {"name": chosen.postgres_server, "type": SERVER}),
        Question(VAULT, check, api_versions.KEY_VAULT, vaults, {"name": chosen.vault, "type": vaults}),
        Question(
            AI,
            "checkDomainAvailability",
            api_versions.COGNITIVE_SERVICES,
            ai,
            {"subdomainName": chosen.foundry, "type": ai, "kind": "AIServices"},
            "isSubdomainAvailable",
        ),
    ]
    if chosen.search != "none":
        body = {"name": chosen.search_service, "type": "searchServices"}
        found.append(Question(SEARCH, check, api_versions.SEARCH, f"{SEARCH}/searchServices", body))
    return found


def check_names(place: StackContext, absent: Collection[str], held: Collection[str]) -> list[Check]:
    """`absent` providers cannot be asked; the names that are `held` by something deleted are told of elsewhere."""
    asked = [each for each in name_questions(place.chosen) if each.provider not in absent]
    own = [each for each in asked if place.owns(each.kind, each.name)]
    others = [each for each in asked if each not in own and each.name.lower() not in held]
    taken = {each.name: why for each in others if (why := refusal_message(each, ask_name(place, each)))}
    if not taken:
        kept = f", {len(own)} this stack's own already" if own else ""
        return [Check("names", "ok", f"{len(others)} free{kept}; Data Factory's cannot be asked for")]
    listed = "; ".join(f"{name} ({why})" for name, why in taken.items())
    anew = " Another suffix makes everything anew, the data gone." if own else ""
    mend = config_command(place.chosen.stack, "nameSuffix", suggest_suffix(place))
    return [Check("names", "problem", f"not to be had: {listed}.{anew}", mend)]


def ask_name(place: StackContext, question: Question) -> dict[str, Any]:
    path = f"{place.subscription}/providers/{question.provider}/{question.path}"
    return place.arm.post(path, question.version, question.body)


def refusal_message(question: Question, found: dict[str, Any]) -> str:
    """Why a name is not to be had; nothing where it is."""
    return "" if found.get(question.answer) else str(found.get("reason") or "taken")


def suggest_suffix(place: StackContext) -> str:
    """Another suffix for this stack and subscription: the same each time, and hardly anybody else's."""
    seed = f"{place.subscription_id} {place.chosen.stack} {place.chosen.name_suffix}"
    return hashlib.sha256(seed.encode()).hexdigest()[:6]
