"""Everything that Azure says about one deployment, and what happens to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.models.account import find_account
from jobs.models.change import all_offers, read_named
from jobs.models.choice import Choice
from jobs.models.drift import find_entry
from jobs.models.offers import HINT, ROLE, today
from jobs.models.rows import Row, plain, to_row
from jobs.notice import say_if_slow


@dataclass(frozen=True)
class Shown:
    """Azure's document of a deployment, and its row of the report."""

    document: Mapping[str, Any]
    row: Row

    def object(self) -> dict[str, Any]:
        """The object of --json: Azure's document, and what the report says."""
        said = ("stage", "retires", "retires_from", "on_that_day", "acts_by", "policy_effective", "drift")
        return {**self.document, **{key: getattr(self.row, key) for key in said}}

    def summary(self) -> str:
        row = self.row
        policy = row.policy or f"null (= {row.policy_effective})"
        lines = [
            f"{row.name}: {row.model} {row.version} {row.sku} {row.capacity}, {row.state}",
            f"  stage        {row.stage}, until {row.retires or 'unknown'}",
            f"  policy       {policy}",
            f"  on that day  {row.on_that_day}",
        ]
        lines += [f"  {key:<12} {text}" for key, text in details(self.document)]
        return "\n".join(lines + ([f"  drift        {row.drift}"] if row.drift else []))


def details(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The other facts of Azure's document, each as a line."""
    properties, people = document.get("properties") or {}, document.get("systemData") or {}
    limits = [
        f"{each.get('count'):g} {each.get('key')}s in {each.get('renewalPeriod'):g} s"
        for each in properties.get("rateLimits") or []
    ]
    able = [f"{key} {value}" for key, value in (properties.get("capabilities") or {}).items()]
    facts = {
        "limits": ", ".join(limits),
        "capabilities": ", ".join(able),
        "filter": properties.get("raiPolicyName"),
        "spillover": properties.get("spilloverDeploymentName"),
        "changed by": " on ".join(filter(None, (people.get("lastModifiedBy"), people.get("lastModifiedAt")))),
    }
    return [(key, plain(str(value))) for key, value in facts.items() if value]


@say_if_slow("Asking Azure for the deployment")
def show_deployment(choice: Choice, name: str) -> Shown:
    """One deployment. Raises JobError where there is none, or Azure does not answer."""
    with translate_errors(f"the deployment {name}", ROLE, HINT), Arm() as arm:
        account = find_account(arm, choice)
        found = read_named(arm, account, name)
        offers = all_offers(arm, account, found)
    entry = find_entry(account.config.models if account.config else (), found.name)
    return Shown(found.document, to_row(account, found, offers, entry, today()))
