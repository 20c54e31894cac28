"""An account of a shop, as the issue of every test about the report has it: three deployments and their models."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from jobs.models.offers import today
from tests.azure_fakes.cognitive_services import model, usage
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.model_capacities import ModelCapacities
from tests.jobs.student import DoctorCli

OTHER = ("--account", "ai-shop", "--resource-group", "rg-shop")
LUNA = ("gpt-5.6-luna", "2026-07-09")


def only_long_waits(record: Callable[[float], None]) -> Callable[[float], None]:
    """A sleep that hands waits of a second or more to `record`. It really sleeps shorter ones, such as subprocess's."""
    real = time.sleep
    return lambda seconds: record(seconds) if seconds >= 1 else real(seconds)


def after(days: int) -> str:
    """The day after so many days."""
    return (today() + timedelta(days=days)).isoformat()


def moment(days: int) -> str:
    """The same as Azure writes it."""
    return f"{after(days)}T00:00:00Z"


def replaced_by(name: str, version: str, **more: Any) -> dict[str, Any]:
    return {"targetModelName": name, "targetModelVersion": version, **more}


def open_shop(student: DoctorCli, account: ModelAccount) -> ModelAccount:
    """Three deployments: one that Azure moves, a provisioned one, and a pinned one."""
    account.name, account.group = "ai-shop", "rg-shop"
    luna = replaced_by(*LUNA, upgradeOnExpiryLeadTimeDays=7)
    student.ai.models = [
        model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", moment(113))], replacementConfig=luna),
        model("gpt-5.1", "2025-11-13", skus=[("GlobalProvisionedManaged", moment(171))], replacementConfig=luna),
        model(*LUNA, skus=[("GlobalStandard", moment(412)), ("GlobalProvisionedManaged", moment(412))]),
    ]
    student.ai.usages = [
        usage("OpenAI.GlobalStandard.gpt5.6-luna", 10, 1000),
        usage("OpenAI.GlobalStandard.gpt5.4-mini", 10, 100),
        usage("OpenAI.GlobalProvisionedManaged.gpt5.6-luna", 100, 200),
    ]
    rooms = {LUNA: [("swedencentral", "GlobalProvisionedManaged", 300.0), ("norwayeast", "GlobalStandard", 50.0)]}
    student.manager.providers = [ModelCapacities(rooms), *student.manager.providers]
    account.add("chat", "gpt-5.4-mini", "2026-03-17", policy=None)
    account.add(
        "ptu", "gpt-5.1", "2025-11-13", sku="GlobalProvisionedManaged", capacity=100, policy="OnceCurrentVersionExpired"
    )
    account.add("pinned", *LUNA)
    return account
