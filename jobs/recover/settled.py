"""Whether Azure has finished a resource: it goes on with a create whose client has ended."""

from collections.abc import Sequence
from typing import Any

from jobs.recover.candidates import Candidate
from jobs.recover.state import Record

# https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations (provisioningState).
# Every other value is an end.
BUSY = {"accepted", "creating", "updating", "deleting", "provisioning", "deploying", "running", "pending", "inprogress"}


def is_busy(resources: Sequence[Record], candidates: Sequence[Candidate]) -> bool:
    """Whether Azure still works on one of the candidates."""
    asked = {each.urn for each in candidates}
    return any(provisioning_state(each).lower() in BUSY for each in resources if each["urn"] in asked)


def provisioning_state(resource: Record) -> str:
    """The state of a resource's last operation, such as Succeeded; empty for a type that has none."""
    outputs: dict[str, Any] = resource.get("outputs") or {}
    properties = outputs.get("properties")
    inner = properties if isinstance(properties, dict) else {}
    return str(outputs.get("provisioningState") or inner.get("provisioningState") or "")


def describe_end(resource: Record) -> str:
    """What Azure says of a resource that it has not finished well, such as "Azure reports Failed"; else empty."""
    state = provisioning_state(resource)
    return "" if state.lower() in ("", "succeeded") else f"Azure reports {state}"
