"""The models of the stack: offered in the region, alive for a while, and within the quota."""

from jobs.doctor.check import Check
from jobs.doctor.context import StackContext
from jobs.models.preflight import advice, check_region


def check_models(place: StackContext) -> list[Check]:
    """A line for each model."""
    chosen = place.chosen
    found = check_region(place.arm, place.subscription_id, chosen)
    if not found.models:
        return [Check("models", "ok", "none configured")]
    checks = [Check(f"model {each.alias}", each.status, f"{each.message}{advice(each)}") for each in found.models]
    if found.fix:
        last = max(at for at, each in enumerate(checks) if each.status == "problem")
        text = f"{checks[last].message}. Below `config:` in {chosen.file}:"
        checks[last] = Check(checks[last].name, "problem", text, found.fix)
    return checks
