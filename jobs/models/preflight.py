"""Whether the models of a stack can be deployed, and the setting that can be."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs import configuration
from jobs.azure.account import signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.configuration import Configuration
from jobs.models.account import ModelAccount, stack_account
from jobs.models.availability import Verdict, check_all
from jobs.models.choice import Choice
from jobs.models.deployments import Deployment, list_deployments
from jobs.models.exits import worst_status
from jobs.models.offers import HINT, ROLE, list_offers, today
from jobs.models.requested import read_requested
from jobs.notice import say_if_slow


@dataclass(frozen=True)
class Preflight:
    """A verdict for each configured model; `fix` is the line for Pulumi.STACK.yaml that fixes problems."""

    ok: bool
    region: str
    stack: str
    models: tuple[Verdict, ...]
    fix: str

    @property
    def status(self) -> int:
        """The exit status: 4 retired, 5 not offered, 3 no quota; 0 where all can be deployed."""
        return worst_status(each.exit_status for each in self.models if each.status == "problem")

    def summary(self) -> str:
        if not self.models:
            return f"The stack {self.stack} deploys no model."
        lines = [f"{each.status:<8} {each.alias:<10} {each.message}{advice(each)}" for each in self.models]
        fix = [f"Below `config:` in Pulumi.{self.stack}.yaml put:", f"  {self.fix}"] if self.fix else []
        return "\n".join([f"The models of {self.stack} in {self.region}:", *lines, *fix])


def advice(verdict: Verdict) -> str:
    if verdict.status != "problem":
        return ""
    if verdict.replacement is None:
        return "; no model there can replace it: try another aiLocation, or leave it out"
    return f"; {' '.join(verdict.replacement.values())} can be deployed instead"


@say_if_slow("Asking Azure for its models")
def check_models(config: Configuration) -> Preflight:
    """Whether the stack's models can be deployed. Raises JobError when Azure does not answer."""
    with translate_errors(f"the models of {config.ai_location}", ROLE, HINT), Arm() as arm:
        return check_region(arm, subscription_id(config, signed_in_account()), config)


def check_region(arm: Arm, subscription: str, config: Configuration) -> Preflight:
    """The same with a client of the caller. Raises AzureError."""
    verdicts: list[Verdict] = []
    if config.models:
        account = stack_account(config, subscription, Choice(config.stack))
        requests = read_requested(config, list_existing(arm, account))
        verdicts = check_all(requests, list_offers(arm, subscription, config.ai_location), today())
    ok = all(each.status != "problem" for each in verdicts)
    fix = "" if ok else fixed_entries(config.models, verdicts)
    return Preflight(ok, config.ai_location, config.stack, tuple(verdicts), fix)


def list_existing(arm: Arm, account: ModelAccount) -> list[Deployment]:
    """The account's deployments; none without the account. Raises AzureError."""
    try:
        return list_deployments(arm, account)
    except ResourceNotFoundError:
        return []


def fixed_entries(entries: Sequence[Mapping[str, Any]], verdicts: Sequence[Verdict]) -> str:
    """The setting with a replacement for each model that cannot be deployed, or without it. JSON is YAML too."""
    by_alias = {each.alias: each for each in verdicts}
    kept = []
    for entry in entries:
        verdict = by_alias.get(str(entry.get("alias")))
        if verdict is None or verdict.status != "problem":
            kept.append(dict(entry))
        elif verdict.replacement:
            kept.append({**entry, **verdict.replacement})
    return f"{configuration.read_yaml('Pulumi.yaml')['name']}:models: {json.dumps(kept)}"
