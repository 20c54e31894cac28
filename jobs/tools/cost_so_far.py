"""The tool cost_so_far: what the stack has cost this month. Nothing, on a laptop."""

from collections.abc import Mapping
from typing import Any

from jobs.tools.tool import Context, Tool, strict_schema


def cost_so_far(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"amount", "currency", "services", "place"}. `amount` is None where Azure has billed nothing yet."""
    if context.target.pipeline_runner == "local":
        return {"amount": 0, "currency": "USD", "services": {}, "place": "this laptop: nothing here is billed"}
    from jobs.azure.arm import Arm
    from jobs.cost.spending import query_spending

    with Arm() as arm:
        spent = query_spending(arm, context.target.subscription_id, context.target.resource_group)
    place = f"the resource group {context.target.resource_group}, since the first of the month"
    if spent is None:
        return {"amount": None, "currency": "", "services": {}, "place": f"{place}: Azure reports costs hours late"}
    return {"amount": spent.amount, "currency": spent.currency, "services": spent.services, "place": place}


TOOL = Tool(
    "cost_so_far",
    "Say what the Azure stack has cost since the first of the month, by service.",
    strict_schema(),
    cost_so_far,
)
