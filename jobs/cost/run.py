"""cost: a configured stack's monthly costs by Azure's public prices, what was spent, and how long the credit lasts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from jobs import configuration, terminal
from jobs.azure.account import has_machine_login, signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.configuration import Configuration
from jobs.cost import prices, retail
from jobs.cost.billed_items import BilledItem, billed_items
from jobs.cost.characters import speech_item
from jobs.cost.items import NOT_REFRESHED, CostLine, cost_line, format_table
from jobs.cost.prices import Price
from jobs.cost.private import compare_private, private_alternative
from jobs.cost.runway import Runway, compute_runway
from jobs.cost.spending import Spending, query_spending
from jobs.cost.tokens import model_items
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow

FREE_SERVER = "Standard_B1ms"
# https://learn.microsoft.com/azure/postgresql/configure-maintain/how-to-deploy-on-azure-free-account
FREE_ACCOUNT_NOTE = (
    "Azure's free account covers 750 hours of Standard_B1ms, 32 GiB of storage and 32 GiB of backup a month for 12 "
    "months; Free services in the portal shows whether your subscription has it."
)
LOGIN_HINT = "What was spent so far: `az login`, then the same command."
NOT_BILLED_HINT = "Nothing is billed this month yet: Azure reports costs some hours late."
CREDIT_HINT = "How long your credit lasts: `--credit AMOUNT`, with what is left of it."


@dataclass(frozen=True)
class CostResult:
    """`total_usd_month` sums the fixed charges whose price is known; `unknown` counts the unknown prices.

    `at_most_usd_month` sums the fixed charges, with bounds in place of unknown prices; None where one has no bound.

    `spent` and `lasts` are None where they are unknown; `hint` then says why, or what to do.
    """

    stack: str
    configured: bool
    items: tuple[CostLine, ...]
    total_usd_month: float
    at_most_usd_month: float | None
    unknown: int
    facts: tuple[str, ...]
    spent: Spending | None
    lasts: Runway | None
    hint: str

    def summary(self) -> str:
        head = f"The stack {self.stack}{'' if self.configured else ', which has no file and therefore all defaults'}:"
        lines = [head, "", *format_table(self.items), "", self.total(), *self.facts]
        lines += [each.summary() for each in (self.spent, self.lasts) if each]
        return "\n".join([*lines, self.hint] if self.hint else lines)

    def total(self) -> str:
        """Such as `Total: at least 33.43 USD a month, and what is billed by use; 3 prices are unknown`."""
        least = f"{self.total_usd_month:.2f}"
        amount = least if self.at_most_usd_month == self.total_usd_month else f"at least {least}"
        if self.at_most_usd_month not in (None, self.total_usd_month):
            amount = f"between {least} and {self.at_most_usd_month:.2f}"
        text = f"Total: {amount} USD a month, and what is billed by use"
        if not self.unknown:
            return text
        how = ": `--refresh` reads them from Azure, without a login" if self.can_refresh() else ""
        return f"{text}; {self.unknown} price{'s are' if self.unknown > 1 else ' is'} unknown{how}"

    def can_refresh(self) -> bool:
        """Whether an unknown price was not queried yet."""
        return any(each.unit_price is None and each.note.startswith(NOT_REFRESHED) for each in self.items)


def estimate_cost(stack: str, refresh: bool = False, credit: float | None = None) -> CostResult:
    """The costs of the stack as it is configured, deployed or not. `credit` is what is left of yours.

    Raises JobError when the configuration cannot be read, or with `refresh` when the price list cannot.
    """
    if stack == "local":
        raise JobError("The laptop costs nothing: name a stack, such as `--target dev`.", ErrorKind.invalid)
    config = configuration.read_configuration(stack)
    region = config.ai_location
    billed = [*billed_items(config), *model_items(region, config.models), speech_item(region)]
    price_errors = refresh_prices([*billed, *private_alternative(config)]) if refresh else {}
    saved = prices.load_prices()
    items = tuple(cost_line(each, saved, price_errors) for each in billed)
    cost = CostResult(
        stack=stack,
        configured=config.configured,
        items=items,
        total_usd_month=round(sum(each.usd_month or 0 for each in items), 2),
        at_most_usd_month=sum_bounds(items),
        unknown=sum(each.unit_price is None for each in items),
        facts=(
            *((FREE_ACCOUNT_NOTE,) if config.postgres_sku == FREE_SERVER else ()),
            *compare_private(config, saved, price_errors),
        ),
        spent=None,
        lasts=None,
        hint=LOGIN_HINT,
    )
    return add_spending(cost, config, credit)


def sum_bounds(items: Sequence[CostLine]) -> float | None:
    """The most that the fixed charges cost a month; None where one is neither known nor bounded."""
    fixed = [each for each in items if each.quantity is not None]
    bounds = [each.at_most_usd_month if each.usd_month is None else each.usd_month for each in fixed]
    return None if None in bounds else round(sum(bound for bound in bounds if bound is not None), 2)


def refresh_prices(items: Sequence[BilledItem]) -> dict[str, str]:
    """Read the price list and save its prices. Returns, by key, why it has no price for the others."""
    terminal.log(f"Reading {sum(each.meter is not None for each in items)} prices from Azure's price list")
    results = retail.query_prices(items)
    prices.save_prices(each for each in results if isinstance(each, Price))
    return {each.key: each.reason for each in results if isinstance(each, retail.UnknownPrice)}


@say_if_slow("Asking Azure what was spent")
def add_spending(cost: CostResult, config: Configuration, credit: float | None) -> CostResult:
    """The same with what was spent, if you are logged in. An error there becomes the hint, and the table stays."""
    account = signed_in_account()
    if account is None and not has_machine_login():
        return cost
    try:
        with Arm() as arm:
            so_far = query_spending(arm, subscription_id(config, account), config.resource_group)
    except JobError as error:
        return replace(cost, hint=f"What was spent so far is unknown. {error}")
    if so_far is None:
        return replace(cost, hint=NOT_BILLED_HINT)
    budget = float(config.budget_amount) if config.budget else None
    left = compute_runway(so_far, credit, budget, datetime.now(UTC).date())
    return replace(cost, spent=so_far, lasts=left, hint="" if left or credit else CREDIT_HINT)
