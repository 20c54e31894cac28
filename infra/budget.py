"""The month's budget: it writes letters and stops nothing."""

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
            # Azure never moves a start: one computed from today would break `pulumi up` in the next month.
            time_period=consumption.BudgetTimePeriodArgs(start_date=f"{settings.budget_start}T00:00:00Z"),
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
                parent=self, replace_on_changes=["timePeriod.startDate"], delete_before_replace=True
            ),
        )
        self.register_outputs({})
