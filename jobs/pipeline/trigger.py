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

from jobs.azure.arm import wait_for_operation
from jobs.errors import JobError
from jobs.pipeline.data_factory.client import (
    ANY_STACK,
    FactoryClient,
    open_factory,
    parse_answer,
    translate_factory_errors,
)
from jobs.pipeline.recurrence import next_run_after
from jobs.target import Target

TRIGGER = "TR_Diario_FER"
STARTED, STOPPED = "Started", "Stopped"
LOOKS = 24
LOOK_SECONDS = 5.0


class TriggerNotFoundError(JobError):
    """The factory has no such trigger."""


@dataclass(frozen=True, kw_only=True)
class TriggerResult:
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
        return f"{self.trigger}: {self.runtime_state}, runs {runs}{describe_recurrence(self.recurrence)}{after}"


def describe_recurrence(recurrence: Mapping[str, Any]) -> str:
    """A recurrence in words; empty for a trigger of another kind, which has none."""
    if "frequency" not in recurrence:
        return ""
    told = f" every {recurrence.get('interval', 1)} {recurrence['frequency']}"
    for key, word in (("startTime", "from"), ("endTime", "until"), ("timeZone", "in")):
        told += f" {word} {recurrence[key]}" if key in recurrence else ""
    return told + (f" at {json.dumps(recurrence['schedule'])}" if recurrence.get("schedule") else "")


def trigger_status(target: Target, name: str = TRIGGER, stack_flags: str = ANY_STACK) -> TriggerResult:
    """How the trigger stands. Raises NotDeployed where the factory has none of that name, else Failure."""
    with open_factory(target, stack_flags) as factory:
        return to_result(name, get_trigger(factory, name))


def start_trigger(target: Target, name: str = TRIGGER, stack_flags: str = ANY_STACK) -> TriggerResult:
    """Start the trigger and wait until it is. One that is started stays so. Raises as `status` does."""
    with open_factory(target, stack_flags) as factory:
        return switch_trigger(factory, name, STARTED)


def stop_trigger(target: Target, name: str = TRIGGER, stack_flags: str = ANY_STACK) -> TriggerResult:
    """Stop the trigger and wait until it is; a run that it has begun goes on. Raises as `status` does."""
    with open_factory(target, stack_flags) as factory:
        return switch_trigger(factory, name, STOPPED)


def switch_trigger(factory: FactoryClient, name: str, wanted: str) -> TriggerResult:
    trigger = get_trigger(factory, name)
    if runtime_state(trigger) != wanted:
        turn = factory.client.triggers.begin_start if wanted == STARTED else factory.client.triggers.begin_stop
        with translate_factory_errors(factory, not_found_error(factory, name)):
            wait_for_operation(turn(factory.resource_group, factory.name, name))
        trigger = wait_for_state(factory, name, wanted)
    return to_result(name, trigger)


def wait_for_state(factory: FactoryClient, name: str, wanted: str) -> TriggerResource:
    """The trigger when it is in the state that was asked for."""
    for _ in range(LOOKS):
        trigger = get_trigger(factory, name)
        if runtime_state(trigger) == wanted:
            return trigger
        factory.wait(LOOK_SECONDS)
    raise JobError(
        f"The trigger {name} of {factory.place} is still not {wanted} after {LOOKS * LOOK_SECONDS:.0f} s: look again "
        f"with `python -m jobs trigger status {name} {factory.stack_flags}`."
    )


def get_trigger(factory: FactoryClient, name: str) -> TriggerResource:
    with translate_factory_errors(factory, not_found_error(factory, name)):
        trigger = parse_answer(partial(factory.client.triggers.get, factory.resource_group, factory.name, name))
        if trigger.properties is None:
            raise DecodeError("The answer has no properties")
    return trigger


def not_found_error(factory: FactoryClient, name: str) -> TriggerNotFoundError:
    mend = "`pulumi config set dailyTrigger true`, then `pulumi up`" if name == TRIGGER else f"take {TRIGGER}"
    return TriggerNotFoundError(f"There is no trigger {name} in {factory.place}: {mend}.")


def runtime_state(trigger: TriggerResource) -> str:
    return str(trigger.properties.runtime_state)


def to_result(name: str, trigger: TriggerResource) -> TriggerResult:
    properties = trigger.properties.serialize(keep_readonly=True)
    recurrence = dict(properties.get("typeProperties", {}).get("recurrence", {}))
    pipelines = [each["pipelineReference"]["referenceName"] for each in properties.get("pipelines") or []]
    next_run = next_run_after(recurrence, datetime.now(UTC)) if runtime_state(trigger) == STARTED else None
    return TriggerResult(
        trigger=name,
        runtime_state=runtime_state(trigger),
        pipelines=pipelines,
        recurrence=recurrence,
        next_run=next_run.strftime("%Y-%m-%dT%H:%M:%SZ") if next_run else None,
    )
