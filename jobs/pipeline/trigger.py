"""trigger: start or stop the schedule of a pipeline. Pulumi deploys triggers stopped and never starts them.

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
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.pipeline import DEFAULT_TRIGGER
from jobs.pipeline.data_factory.client import (
    ANY_STACK,
    FactoryClient,
    open_factory,
    parse_answer,
    translate_factory_errors,
)
from jobs.pipeline.recurrence import next_run_after
from jobs.target import Target
from jobs.wait import wait_until

STARTED, STOPPED = "Started", "Stopped"
POLL_SECONDS, MAX_SECONDS = 5.0, 120.0


class TriggerNotFoundError(JobError):
    """The factory has no such trigger."""


@dataclass(frozen=True, kw_only=True)
class TriggerResult:
    """`runtime_state` is Azure's (Started, Stopped, Disabled), `recurrence` is Azure's object.

    `next_run` is in UTC; None for a trigger that is stopped, or whose next run only Azure can compute.
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
    """A recurrence as text; empty for a trigger of another kind, which has none."""
    if "frequency" not in recurrence:
        return ""
    text = f" every {recurrence.get('interval', 1)} {recurrence['frequency']}"
    for key, word in (("startTime", "from"), ("endTime", "until"), ("timeZone", "in")):
        text += f" {word} {recurrence[key]}" if key in recurrence else ""
    return text + (f" at {json.dumps(recurrence['schedule'])}" if recurrence.get("schedule") else "")


@say_if_slow("Asking the factory for its trigger")
def trigger_status(target: Target, name: str = DEFAULT_TRIGGER, stack_flags: str = ANY_STACK) -> TriggerResult:
    """The trigger's state. Raises TriggerNotFoundError where the factory has no trigger of that name, or JobError."""
    with open_factory(target, stack_flags) as factory:
        return to_result(name, get_trigger(factory, name))


@say_if_slow("Starting the trigger")
def start_trigger(target: Target, name: str = DEFAULT_TRIGGER, stack_flags: str = ANY_STACK) -> TriggerResult:
    """Start the trigger where it is not started, and wait until it is. Raises as `trigger_status` does."""
    with open_factory(target, stack_flags) as factory:
        return switch_trigger(factory, name, STARTED)


@say_if_slow("Stopping the trigger")
def stop_trigger(target: Target, name: str = DEFAULT_TRIGGER, stack_flags: str = ANY_STACK) -> TriggerResult:
    """Stop the trigger where it is not stopped, and wait until it is. A run that it started goes on.

    Raises as `trigger_status` does.
    """
    with open_factory(target, stack_flags) as factory:
        return switch_trigger(factory, name, STOPPED)


def switch_trigger(factory: FactoryClient, name: str, state: str) -> TriggerResult:
    trigger = get_trigger(factory, name)
    if runtime_state(trigger) != state:
        begin = factory.client.triggers.begin_start if state == STARTED else factory.client.triggers.begin_stop
        with translate_factory_errors(factory, not_found_error(factory, name)):
            wait_for_operation(begin(factory.resource_group, factory.name, name))
        trigger = wait_for_state(factory, name, state)
    return to_result(name, trigger)


def wait_for_state(factory: FactoryClient, name: str, state: str) -> TriggerResource:
    """The trigger once it is in this state. Raises JobError after MAX_SECONDS."""

    def get_in_state() -> TriggerResource | None:
        trigger = get_trigger(factory, name)
        return trigger if runtime_state(trigger) == state else None

    trigger = wait_until(get_in_state, every=POLL_SECONDS, at_most=MAX_SECONDS, sleep=factory.wait)
    if trigger is None:
        raise JobError(
            f"The trigger {name} of {factory.label} is still not {state} after {MAX_SECONDS:.0f} s: check it again "
            f"with `python -m jobs trigger status {name} {factory.stack_flags}`.",
            ErrorKind.unavailable,
        )
    return trigger


def get_trigger(factory: FactoryClient, name: str) -> TriggerResource:
    with translate_factory_errors(factory, not_found_error(factory, name)):
        trigger = parse_answer(partial(factory.client.triggers.get, factory.resource_group, factory.name, name))
        if trigger.properties is None:
            raise DecodeError("The answer has no properties")
    return trigger


def not_found_error(factory: FactoryClient, name: str) -> TriggerNotFoundError:
    deploy = "run `pulumi config set dailyTrigger true`, then `pulumi up`"
    advice = deploy if name == DEFAULT_TRIGGER else f"use {DEFAULT_TRIGGER}"
    return TriggerNotFoundError(f"There is no trigger {name} in {factory.label}: {advice}.", ErrorKind.not_found)


def runtime_state(trigger: TriggerResource) -> str:
    return str(trigger.properties.runtime_state)


def to_result(name: str, trigger: TriggerResource) -> TriggerResult:
    properties = trigger.properties.serialize(keep_readonly=True)
    recurrence = dict(properties.get("typeProperties", {}).get("recurrence", {}))
    pipelines = [pipeline["pipelineReference"]["referenceName"] for pipeline in properties.get("pipelines") or []]
    next_run = next_run_after(recurrence, datetime.now(UTC)) if runtime_state(trigger) == STARTED else None
    return TriggerResult(
        trigger=name,
        runtime_state=runtime_state(trigger),
        pipelines=pipelines,
        recurrence=recurrence,
        next_run=next_run.strftime("%Y-%m-%dT%H:%M:%SZ") if next_run else None,
    )
