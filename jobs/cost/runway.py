"""How long credit or budget lasts at the rate of this month.

What is left of a student's credit is shown in the portal only, to its owner: no API of Resource Manager has it.
"""

from dataclasses import dataclass
from datetime import date

from jobs.cost.spending import Spending


@dataclass(frozen=True)
class Runway:
    """`days` that `left` lasts, at what was spent in the month's first `over_days` days."""

    left: float
    currency: str
    days: float
    over_days: int
    computed_from: str

    def summary(self) -> str:
        return f"{self.days:.0f} days left: {self.left:.2f} {self.currency} {self.computed_from}"


def compute_runway(spent: Spending, credit: float | None, budget: float | None, today: date) -> Runway | None:
    """How long the credit lasts, or else the month's budget; None without both, or where nothing was spent."""
    if spent.amount <= 0 or (credit is None and budget is None):
        return None
    rate = spent.amount / today.day
    at = f"at the {spent.amount:.2f} {spent.currency} of the month's first {today.day} days"
    if credit is not None:
        return Runway(credit, spent.currency, credit / rate, today.day, f"of credit (--credit), {at}")
    left = max(float(budget or 0) - spent.amount, 0.0)
    return Runway(left, spent.currency, left / rate, today.day, f"of the budget of {budget:.2f} (budgetAmount), {at}")
