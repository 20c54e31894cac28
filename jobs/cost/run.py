"""What a configured stack costs a month by Azure's public prices, what was spent, and how long the credit lasts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from jobs import configuration, terminal
from jobs.azure.account import has_machine_login, signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.configuration import Configuration
from jobs.cost import prices, retail
from jobs.cost.billed_items import BilledItem, billed_items
from jobs.cost.items import UNASKED, CostLine, cost_line, format_table
from jobs.cost.prices import Price
from jobs.cost.runway import Runway, compute_runway
from jobs.cost.spending import Spending, query_spending
from jobs.errors import JobError

FREE_SERVER = "Standard_B1ms"
# https://learn.microsoft.com/azure/postgresql/configure-maintain/how-to-deploy-on-azure-free-account
FREE = (
    "Azure's free account covers 750 hours of Standard_B1ms, 32 GiB of storage and 32 GiB of backup a month for 12 "
    "months; Free services in the portal tells whether your subscription has it."
)
LOGGED_OUT = "What was spent so far: `az login`, then the same command."
NOTHING_YET = "Nothing is billed this month yet: Azure tells costs some hours late."
HOW_LONG = "How long your credit lasts: `--credit AMOUNT`, with what is left of it."


@dataclass(frozen=True)
class CostResult:
    """`total_usd_month` sums the standing charges whose price is known; `unknown` counts the prices that are not.

    `spent` and `lasts` are None where they cannot be told; `hint` then says why, or what to do.
    """

    stack: str
    configured: bool
    items: tuple[CostLine, ...]
    total_usd_month: float
    unknown: int
    facts: tuple[str, ...]
    spent: Spending | None
    lasts: Runway | None
    hint: str

    def summary(self) -> str:
        head = f"The stack {self.stack}{'' if self.configured else ', which has no file and so all defaults'}:"
        lines = [head, "", *format_table(self.items), "", self.total(), *self.facts]
        lines += [each.summary() for each in (self.spent, self.lasts) if each]
        return "\n".join([*lines, self.hint] if self.hint else lines)

    def total(self) -> str:
        """Such as `Total: >= 33.43 USD a month, 3 prices unknown`."""
        amount = f"{self.total_usd_month:.2f} USD a month"
        if not self.unknown:
            return f"Total: {amount}, and what is billed by use"
        how = " (`--refresh` asks Azure for them)" if any(each.note == UNASKED for each in self.items) else ""
        return f"Total: >= {amount}, {self.unknown} price{'s' * (self.unknown > 1)} unknown{how}"


def estimate_cost(stack: str, refresh: bool = False, credit: float | None = None) -> CostResult:
    """The costs of the stack as it is configured now, standing or not. `credit` is what is left of one.

    Raises Failure when the configuration cannot be read, or with `refresh` when the price list cannot.
    """
    if stack == "local":
        raise JobError("The laptop costs nothing: name a stack, such as `--target dev`.")
    chosen = configuration.read_configuration(stack)
    wanted = billed_items(chosen)
    in_vain = refresh_prices(wanted) if refresh else {}
    known = prices.load_prices()
    items = tuple(cost_line(need, known, in_vain) for need in wanted)
    cost = CostResult(
        stack=stack,
        configured=chosen.configured,
        items=items,
        total_usd_month=round(sum(each.usd_month or 0 for each in items), 2),
        unknown=sum(each.unit_price is None for each in items),
        facts=(FREE,) if chosen.postgres_sku == FREE_SERVER else (),
        spent=None,
        lasts=None,
        hint=LOGGED_OUT,
    )
    return add_spending(cost, chosen, credit)


def refresh_prices(wanted: Sequence[BilledItem]) -> dict[str, str]:
    """Ask the price list and keep what it tells. Gives back by key why it does not tell the rest."""
    terminal.log(f"Asking Azure's price list for {sum(need.meter is not None for need in wanted)} prices")
    told = retail.query_prices(wanted)
    prices.save_prices(each for each in told if isinstance(each, Price))
    return {each.key: each.why for each in told if isinstance(each, retail.UnknownPrice)}


def add_spending(cost: CostResult, chosen: Configuration, credit: float | None) -> CostResult:
    """The same with what was spent, where somebody is logged in; that it cannot be told costs nobody the table."""
    found = signed_in_account()
    if found is None and not has_machine_login():
        return cost
    try:
        with Arm() as arm:
            so_far = query_spending(arm, subscription_id(chosen, found), chosen.resource_group)
    except JobError as failure:
        return replace(cost, hint=f"What was spent so far is not known. {failure}")
    if so_far is None:
        return replace(cost, hint=NOTHING_YET)
    budget = float(chosen.budget_amount) if chosen.budget else None
    left = compute_runway(so_far, credit, budget, datetime.now(UTC).date())
    return replace(cost, spent=so_far, lasts=left, hint="" if left or credit else HOW_LONG)
