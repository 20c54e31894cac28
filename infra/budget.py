"""The monthly budget. It sends alert e-mails and stops nothing."""

from datetime import UTC, datetime

import pulumi
from pulumi_azure_native import consumption
from retries import retry_hooks
from settings import Settings
from stack import Stack

ALERTS = {"half": ("Actual", 50), "nearly": ("Actual", 90), "forecast": ("Forecasted", 100)}  # type, percent


class Budget(pulumi.ComponentResource):
    """A budget for the resource group. It alerts at 50 and 90 percent spent, and when 100 percent is forecast."""

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__("vector-lake:infra:Budget", name)
        settings = stack.settings
        start = max(settings.budget_start, first_of_this_month())  # Azure refuses a new budget with an earlier one
        consumption.Budget(
            "budget",
            budget_name="budget",
            scope=stack.group.id,
            amount=settings.budget_amount,
            category="Cost",
            time_grain="Monthly",
            time_period=consumption.BudgetTimePeriodArgs(start_date=f"{start}T00:00:00Z"),
            notifications=notifications(settings),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=ignored_properties(settings),
                replace_on_changes=["timePeriod.startDate"],
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )
        self.register_outputs({})


def notifications(settings: Settings) -> dict[str, consumption.NotificationArgs]:
    """Return one alert e-mail for each threshold."""
    return {
        alert: consumption.NotificationArgs(
            enabled=True,
            operator="GreaterThanOrEqualTo",
            threshold=percent,
            threshold_type=kind,
            contact_emails=list(settings.budget_emails),
        )
        for alert, (kind, percent) in ALERTS.items()
    }


def ignored_properties(settings: Settings) -> list[str]:
    """Return the properties that an update leaves as they are. Azure rewrites the eTag at any time.

    Azure never moves a start date, and refuses a new one before the current month. So a start in the past stays:
    otherwise `pulumi up` would fail in the next month. A replaced budget, as for a renamed group, starts this month.
    """
    return ["eTag"] if settings.budget_start >= first_of_this_month() else ["eTag", "timePeriod"]


def first_of_this_month() -> str:
    """Return the first day of the current month, such as 2026-11-01."""
    return datetime.now(UTC).date().replace(day=1).isoformat()
