"""The month's budget: it writes letters and stops nothing."""

from datetime import UTC, datetime

import pulumi
from pulumi_azure_native import consumption, resources
from settings import Settings

ALERTS = {"half": ("Actual", 50), "nearly": ("Actual", 90), "forecast": ("Forecasted", 100)}


class Budget(pulumi.ComponentResource):
    """A budget for the group, with letters at a half, nine tenths, and when the whole is foreseen."""

    def __init__(self, name: str, *, group: resources.ResourceGroup, settings: Settings) -> None:
        super().__init__("vector-lake:infra:Budget", name)
        consumption.Budget(
            "budget",
            budget_name="budget",
            scope=group.id,
            amount=settings.budget_amount,
            category="Cost",
            time_grain="Monthly",
            time_period=consumption.BudgetTimePeriodArgs(
                start_date=f"{settings.budget_start or this_month()}T00:00:00Z"
            ),
            notifications={
                alert: consumption.NotificationArgs(
                    enabled=True,
                    operator="GreaterThanOrEqualTo",
                    threshold=percent,
                    threshold_type=kind,
                    contact_emails=list(settings.budget_emails),
                )
                for alert, (kind, percent) in ALERTS.items()
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=kept(settings),
                replace_on_changes=["timePeriod.startDate"],
                delete_before_replace=True,
            ),
        )
        self.register_outputs({})


def kept(settings: Settings) -> list[str]:
    """What is left as it was made. Azure writes the eTag anew whenever it likes.

    It never moves a start, and takes none before the current month: the month in which the budget is made stays, or
    `pulumi up` would break in the next one.
    """
    return ["eTag"] if settings.budget_start else ["eTag", "timePeriod"]


def this_month() -> str:
    """The first day of the current month, such as 2026-11-01."""
    return datetime.now(UTC).date().replace(day=1).isoformat()
