"""The models of the stack: offered in the region, not retired, and within the quota."""

from jobs.doctor.check import Check
from jobs.doctor.context import StackContext
from jobs.models.preflight import advice, check_region


def check_models(context: StackContext) -> list[Check]:
    """One check for each model."""
    config = context.config
    preflight = check_region(context.arm, context.subscription_id, config)
    if not preflight.models:
        return [Check("models", "ok", "none configured")]
    checks = [Check(f"model {each.alias}", each.status, f"{each.message}{advice(each)}") for each in preflight.models]
    if preflight.fix:
        last = max(at for at, each in enumerate(checks) if each.status == "problem")
        text = f"{checks[last].message}. Below `config:` in {config.file}:"
        checks[last] = Check(checks[last].name, "problem", text, preflight.fix)
    return checks
