"""Make a planned change: send it, wait until Azure is done, read it back, and write it where Pulumi keeps it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import HttpResponseError

from jobs import terminal
from jobs.azure.arm import Arm, Json
from jobs.azure.errors import error_reason
from jobs.errors import ErrorKind, JobError
from jobs.models import deploy, settings_file
from jobs.models.change import Plan, find_deployment, has_values
from jobs.models.deployments import FAILED_STATES, SUCCEEDED, VERSION, Deployment, read_deployment, same_state
from jobs.models.exits import NotOfferedError, QuotaError, RetiredError
from jobs.models.watch import TIMEOUT_MINUTES, watch
from jobs.wait import wait_until

CONFLICT, CONFLICT_CODE = 409, "RequestConflict"
# Azure's refusals that have an exit status of their own.
REFUSALS: dict[str, type[JobError]] = {
    "InsufficientQuota": QuotaError,
    "ServiceModelDeprecated": RetiredError,
    "ServiceModelDeprecating": NotOfferedError,
    "DeploymentModelNotSupported": NotOfferedError,
    "CannotChangeDeploymentModel": NotOfferedError,
}
CONFLICT_SECONDS = 30.0


@dataclass(frozen=True)
class Changed:
    """What a change did. `setting` is the line for Pulumi.STACK.yaml, None outside a stack; `written`: it is there."""

    name: str
    before: dict[str, Any] | None
    after: dict[str, Any]
    state: str
    seconds: float
    verified: bool
    setting: str | None
    written: bool

    def summary(self) -> str:
        values = f"{self.after['model']} {self.after['version']} {self.after['sku']} {self.after['capacity']}"
        proved = ", read back" if self.verified else ""
        lines = [f"{self.name}: {values} {self.after['policy']}, {self.state}{proved}"]
        if self.setting and not self.written:
            lines += ["Below `config:` in the stack's file put, or let --write do it:", f"  {self.setting}"]
        if self.setting and self.written and self.verified:
            lines.append(
                "The stack's file has it: the next `pulumi up` sends what Azure has already, and replaces nothing."
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class How:
    """How a change is made: whether to wait and for how long, and whether to write the setting."""

    wait: bool = True
    minutes: float = TIMEOUT_MINUTES
    write: bool = False


def make_change(arm: Arm, plan: Plan, how: How) -> Changed:
    """Make a change, or take up one that is at work already. Raises JobError and AzureError."""
    started = time.monotonic()
    if plan.entry and plan.account.config and plan.before is None:
        return configured(plan, plan.entry, how.write)
    if not (plan.is_done and plan.before and plan.before.state not in FAILED_STATES):
        check_unchanged(arm, plan)
        send(arm, plan, how.minutes)
    found = wait_and_verify(arm, plan, how.minutes) if how.wait else read_deployment(arm, plan.account, plan.name)
    setting, written = keep_setting(plan, how.write)
    return Changed(
        name=plan.name,
        before=plan.before.values() if plan.before else None,
        after=found.values() if how.wait else {**found.values(), **plan.changes},
        state=found.state,
        seconds=round(time.monotonic() - started, 1),
        verified=how.wait,
        setting=setting,
        written=written,
    )


def configured(plan: Plan, entry: Mapping[str, Any], write: bool) -> Changed:
    """A stack's new deployment: Pulumi creates it, so nothing is sent."""
    line, written = deploy.configure(plan.account, plan.name, entry, write)
    state = "in the settings, `pulumi up` creates it" if written else "not in the settings yet"
    return Changed(plan.name, None, dict(plan.changes), state, 0.0, False, line, written)


def not_made(plan: Plan) -> Changed:
    """What --dry-run shows of a change."""
    before = plan.before.values() if plan.before else None
    setting, _ = keep_setting(plan, write=False)
    return Changed(
        name=plan.name,
        before=before,
        after={**(before or {}), **plan.changes},
        state="planned",
        seconds=0.0,
        verified=False,
        setting=setting,
        written=False,
    )


def check_unchanged(arm: Arm, plan: Plan) -> None:
    """Raise JobError where others changed the deployment since the plan was made."""
    now = find_deployment(arm, plan.account, plan.name)
    same = now is None if plan.before is None else now is not None and same_state(plan.before, now)
    if not same:
        raise JobError(
            f"{plan.name} was changed by others since the plan was made: nothing was sent. Run the same command again.",
            ErrorKind.conflict,
        )


def send(arm: Arm, plan: Plan, minutes: float) -> Json:
    """Send the change. An account does one thing at a time: its RequestConflict is waited out.

    Raises one of REFUSALS, and AzureError.
    """
    path = plan.account.deployment_path(plan.name)
    call: Callable[..., Json] = arm.put if plan.method == "PUT" else arm.patch
    try:
        return wait_out_conflicts(lambda: call(path, VERSION, plan.body), plan.account.name, minutes)
    except HttpResponseError as error:
        kind = REFUSALS.get(str(getattr(error.error, "code", "")))
        if kind is None:
            raise
        raise kind(f"Azure refuses that: {error_reason(error)}. `models list` shows what it offers.") from error


def wait_out_conflicts(request: Callable[[], Json], account: str, minutes: float) -> Json:
    """The answer of a request, sent again while the account is busy. Raises AzureError: at last the conflict itself."""
    answers: list[Json] = []
    conflicts: list[HttpResponseError] = []

    def try_it() -> bool:
        try:
            answers.append(request())
        except HttpResponseError as error:
            if error.status_code != CONFLICT or getattr(error.error, "code", None) != CONFLICT_CODE:
                raise
            if not conflicts:
                terminal.log(f"{account} does something else: waiting until it is done.")
            conflicts.append(error)
        return bool(answers)

    if not wait_until(try_it, every=CONFLICT_SECONDS, at_most=minutes * 60):
        raise conflicts[-1]
    return answers[0]


def wait_and_verify(arm: Arm, plan: Plan, minutes: float) -> Deployment:
    """The deployment once it is done, read back. Raises JobError for what Azure did not do."""
    again = plan.account.command(f"upgrade --watch {plan.name}")
    watch(lambda: read_deployment(arm, plan.account, plan.name), plan.name, again, minutes)
    found = read_deployment(arm, plan.account, plan.name)
    has = found.effective_values()
    missing = {key: value for key, value in plan.expected.items() if not has_values(has, {key: value})}
    if missing or found.state != SUCCEEDED:
        instead = listed({key: has[key] for key in missing})
        raise JobError(
            f"Azure says {found.state}, and did not do it: {plan.name} has {instead}, not {listed(missing)}. Run the "
            "same command again; if it stays so, ask Azure's support."
        )
    return found


def listed(values: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def keep_setting(plan: Plan, write: bool) -> tuple[str | None, bool]:
    """The setting with the change, and whether it is in the file; None where no setting has the deployment."""
    config = plan.account.config
    if config is None or not plan.changes or not settings_file.has_entry(config.models, plan.name):
        return None, False
    edit = settings_file.entry_edit(plan.name, plan.changes)
    line = settings_file.setting_line(settings_file.edited(config.models, edit))
    if write:
        settings_file.write_models(config, edit)
    return line, write
