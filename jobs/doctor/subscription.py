"""The subscription: its state, its offer, and whether spending stops with the credit."""

from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from jobs.azure import api_versions
from jobs.azure.errors import explain_error
from jobs.doctor.check import Check
from jobs.doctor.context import StackContext

# https://learn.microsoft.com/azure/cost-management-billing/costs/understand-cost-mgt-data#supported-microsoft-azure-offers
OFFERS = {
    "AzureForStudents_": "Azure for Students",
    "DreamSpark_": "Azure for Students Starter",
    "FreeTrial_": "free trial",
    "PayAsYouGo_": "pay as you go",
    "AzurePass_": "Azure Pass",
    "MSDN": "Visual Studio",
    "Sponsored_": "sponsorship",
}
PORTAL = "https://portal.azure.com/#view/Microsoft_Azure_Billing/SubscriptionsBladeV2"


def check_subscription(context: StackContext) -> list[Check]:
    """The first request to Azure: a refusal is a problem here, because the next ones would be refused too.

    https://learn.microsoft.com/rest/api/resources/subscriptions/get
    """
    try:
        return [to_check(context.arm.get(context.subscription, api_versions.SUBSCRIPTIONS))]
    except AzureError as error:
        return [refused_check(context, error)]


def refused_check(context: StackContext, error: AzureError) -> Check:
    if isinstance(error, HttpResponseError) and error.status_code in (403, 404):
        text = f"{context.user or 'your identity'} has no access to the subscription {context.subscription_id}."
        return Check("subscription", "problem", text, "az account list --output table")
    logged_in = not isinstance(error, ClientAuthenticationError)
    text = explain_error(error, "Azure Resource Manager", "Reader", "run the same command again")
    return Check("subscription", "problem", text, "" if logged_in else "az login")


def to_check(answer: dict[str, Any]) -> Check:
    """Azure's answer: {displayName, subscriptionId, state, subscriptionPolicies: {quotaId, spendingLimit}}."""
    policies = answer.get("subscriptionPolicies") or {}
    quota, limit = str(policies.get("quotaId") or "of an unknown offer"), policies.get("spendingLimit")
    offer = next((name for begin, name in OFFERS.items() if quota.startswith(begin)), quota)
    stops = {"On": "spending stops with the credit", "CurrentPeriodOff": "no spending limit this month"}
    name = f"{answer.get('displayName')} ({answer.get('subscriptionId')})"
    text = f"{name}: {offer}, {stops.get(str(limit), 'no spending limit')}"
    state = answer.get("state")
    if state == "Enabled":
        return Check("subscription", "ok", text)
    if state in ("Warned", "PastDue"):
        return Check("subscription", "warning", f"{text}; it is {state}: Azure will turn it off.", PORTAL)
    return Check("subscription", "problem", f"{name} is {state}: nothing can be created in it.", PORTAL)
