"""Whether the models that a stack is configured for can be deployed, and the setting that could."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs import configuration
from jobs.azure.account import signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.configuration import Configuration
from jobs.models.availability import Verdict, check_all
from jobs.models.offers import HINT, ROLE, list_offers, today
from jobs.models.requested import list_deployments, read_requested


@dataclass(frozen=True)
class Preflight:
    """A verdict for each configured model; `fix` is the line for Pulumi.STACK.yaml that mends those with a problem."""

    ok: bool
    region: str
    stack: str
    models: tuple[Verdict, ...]
    fix: str

    def summary(self) -> str:
        if not self.models:
            return f"The stack {self.stack} deploys no model."
        lines = [f"{each.status:<8} {each.alias:<10} {each.message}{advice(each)}" for each in self.models]
        mend = [f"Below `config:` in Pulumi.{self.stack}.yaml put:", f"  {self.fix}"] if self.fix else []
        return "\n".join([f"The models of {self.stack} in {self.region}:", *lines, *mend])


def advice(verdict: Verdict) -> str:
    if verdict.status != "problem":
        return ""
    if verdict.replacement is None:
        return "; nothing there could stand in for it: try another aiLocation, or go without"
    return f"; {' '.join(verdict.replacement.values())} can be deployed instead"


def check_models(chosen: Configuration) -> Preflight:
    """Whether the stack's models can be deployed. Raises Failure when Azure does not answer."""
    with translate_errors(f"the models of {chosen.ai_location}", ROLE, HINT), Arm() as arm:
        return check_region(arm, subscription_id(chosen, signed_in_account()), chosen)


def check_region(arm: Arm, subscription: str, chosen: Configuration) -> Preflight:
    """The same for a client that is there already. Raises AzureError."""
    verdicts: list[Verdict] = []
    if chosen.models:
        wished = read_requested(chosen, list_deployments(arm, subscription, chosen))
        verdicts = check_all(wished, list_offers(arm, subscription, chosen.ai_location), today())
    ok = all(each.status != "problem" for each in verdicts)
    fix = "" if ok else fixed_entries(chosen.models, verdicts)
    return Preflight(ok, chosen.ai_location, chosen.stack, tuple(verdicts), fix)


def fixed_entries(entries: Sequence[Mapping[str, Any]], verdicts: Sequence[Verdict]) -> str:
    """The setting with a living model in the place of each that cannot be deployed, or without it. JSON is YAML too."""
    found = {each.alias: each for each in verdicts}
    kept = []
    for entry in entries:
        verdict = found.get(str(entry.get("alias")))
        if verdict is None or verdict.status != "problem":
            kept.append(dict(entry))
        elif verdict.replacement:
            kept.append({**entry, **verdict.replacement})
    return f"{configuration.read_yaml('Pulumi.yaml')['name']}:models: {json.dumps(kept)}"
