"""trigger: let the schedule of a pipeline run, or stop it; Pulumi deploys triggers stopped and never starts them.

https://learn.microsoft.com/rest/api/datafactory/triggers
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from azure.core.exceptions import DecodeError
from azure.mgmt.datafactory.models import TriggerResource

from jobs.azure.arm import finish
from jobs.errors import Failure
from jobs.pipeline.data_factory.client import STACK, Factory, asked, opened, readable
from jobs.pipeline.recurrence import next_after
from jobs.target import Target

TRIGGER = "TR_Diario_FER"
STARTED, STOPPED = "Started", "Stopped"
LOOKS = 24
LOOK_SECONDS = 5.0


class NotDeployed(Failure):
    """The factory has no such trigger."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """`runtime_state` is Azure's (Started, Stopped, Disabled), `recurrence` is Azure's object.

    `next_run` is in UTC; None for a trigger that is stopped, or whose recurrence only Azure can reckon.
    """

    trigger: str
    runtime_state: str
    pipelines: list[str]
    recurrence: dict[str, Any]
    next_run: str | None

    def summary(self) -> str:
        runs = ", ".join(self.pipelines) or "nothing"
        after = f"; next run {self.next_run}" if self.next_run else ""
        return f"{self.trigger}: {self.runtime_state}, runs {runs}{when(self.recurrence)}{after}"


def when(recurrence: Mapping[str, Any]) -> str:
    """A recurrence in words; empty for a trigger of another kind, which has none."""
    if "frequency" not in recurrence:
        return ""
    told = f" every {recurrence.get('interval', 1)} {recurrence['frequency']}"
    for key, word in (("startTime", "from"), ("endTime", "until"), ("timeZone", "in")):
        told += f" {word} {recurrence[key]}" if key in recurrence else ""
    return told + (f" at {json.dumps(recurrence['schedule'])}" if recurrence.get("schedule") else "")


def status(target: Target, name: str = TRIGGER, options: str = STACK) -> Result:
    """How the trigger stands. Raises NotDeployed where the factory has none of that name, else Failure."""
    with opened(target, options) as factory:
        return result(name, found(factory, name))


def start(target: Target, name: str = TRIGGER, options: str = STACK) -> Result:
    """Start the trigger and wait until it is. One that is started stays so. Raises as `status` does."""
    with opened(target, options) as factory:
        return turned(factory, name, STARTED)


def stop(target: Target, name: str = TRIGGER, options: str = STACK) -> Result:
    """Stop the trigger and wait until it is; a run that it has begun goes on. Raises as `status` does."""
    with opened(target, options) as factory:
        return turned(factory, name, STOPPED)


def turned(factory: Factory, name: str, wanted: str) -> Result:
    trigger = found(factory, name)
    if state(trigger) != wanted:
        turn = factory.client.triggers.begin_start if wanted == STARTED else factory.client.triggers.begin_stop
        with asked(factory, not_deployed(factory, name)):
            finish(turn(factory.resource_group, factory.name, name))
        trigger = settled(factory, name, wanted)
    return result(name, trigger)


def settled(factory: Factory, name: str, wanted: str) -> TriggerResource:
    """The trigger when it is in the state that was asked for."""
    for _ in range(LOOKS):
        trigger = found(factory, name)
        if state(trigger) == wanted:
            return trigger
        factory.wait(LOOK_SECONDS)
    raise Failure(
        f"The trigger {name} of {factory.place} is still not {wanted} after {LOOKS * LOOK_SECONDS:.0f} s: look again "
        f"with `python -m jobs trigger status {name} {factory.options}`."
    )


def found(factory: Factory, name: str) -> TriggerResource:
    with asked(factory, not_deployed(factory, name)):
        trigger = readable(partial(factory.client.triggers.get, factory.resource_group, factory.name, name))
        if trigger.properties is None:
            raise DecodeError("The answer has no properties")
    return trigger


def not_deployed(factory: Factory, name: str) -> NotDeployed:
    mend = "`pulumi config set dailyTrigger true`, then `pulumi up`" if name == TRIGGER else f"take {TRIGGER}"
    return NotDeployed(f"There is no trigger {name} in {factory.place}: {mend}.")


def state(trigger: TriggerResource) -> str:
    return str(trigger.properties.runtime_state)


def result(name: str, trigger: TriggerResource) -> Result:
    properties = trigger.properties.serialize(keep_readonly=True)
    recurrence = dict(properties.get("typeProperties", {}).get("recurrence", {}))
    pipelines = [each["pipelineReference"]["referenceName"] for each in properties.get("pipelines") or []]
    next_run = next_after(recurrence, datetime.now(UTC)) if state(trigger) == STARTED else None
    return Result(
        trigger=name,
        runtime_state=state(trigger),
        pipelines=pipelines,
        recurrence=recurrence,
        next_run=next_run.strftime("%Y-%m-%dT%H:%M:%SZ") if next_run else None,
    )
