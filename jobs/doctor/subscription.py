"""The subscription: whether it is alive, of which offer, and whether spending stops with the credit."""

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


def check_subscription(place: StackContext) -> list[Check]:
    """The first question to Azure: here a refusal is a problem, because the next ones would be refused too.

    https://learn.microsoft.com/rest/api/resources/subscriptions/get
    """
    try:
        return [evaluate(place.arm.get(place.subscription, api_versions.SUBSCRIPTIONS))]
    except AzureError as error:
        return [refused_check(place, error)]


def refused_check(place: StackContext, error: AzureError) -> Check:
    if isinstance(error, HttpResponseError) and error.status_code in (403, 404):
        text = f"{place.user or 'your identity'} does not see the subscription {place.subscription_id}."
        return Check("subscription", "problem", text, "az account list --output table")
    known = not isinstance(error, ClientAuthenticationError)
    said = explain_error(error, "Azure Resource Manager", "Reader", "run the same command again")
    return Check("subscription", "problem", said, "" if known else "az login")


def evaluate(found: dict[str, Any]) -> Check:
    """Azure's answer: {displayName, subscriptionId, state, subscriptionPolicies: {quotaId, spendingLimit}}."""
    policies = found.get("subscriptionPolicies") or {}
    quota, limit = str(policies.get("quotaId") or "of an unknown offer"), policies.get("spendingLimit")
    offer = next((name for begin, name in OFFERS.items() if quota.startswith(begin)), quota)
    stops = {"On": "spending stops with the credit", "CurrentPeriodOff": "no spending limit this month"}
    name = f"{found.get('displayName')} ({found.get('subscriptionId')})"
    text = f"{name}: {offer}, {stops.get(str(limit), 'no spending limit')}"
    state = found.get("state")
    if state == "Enabled":
        return Check("subscription", "ok", text)
    if state in ("Warned", "PastDue"):
        return Check("subscription", "warning", f"{text}; it is {state}: Azure will turn it off.", PORTAL)
    return Check("subscription", "problem", f"{name} is {state}: nothing can be made in it.", PORTAL)
