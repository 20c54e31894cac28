"""The modes and changes of mode that Pulumi's own engine is tested with."""

from typing import Any

from tests.infra.modes import CHAT

EMAILS = ["ana@example.edu"]
EVERYTHING = {"search": "basic", "diagnostics": True, "dailyTrigger": True, "budgetEmails": EMAILS}
ADDRESS, OTHER_ADDRESSES = ["203.0.113.7"], ["203.0.113.8", "198.51.100.1"]
LUNA = {**CHAT, "model": "gpt-5.6-luna", "version": "2026-07-09", "capacity": 2}

# Name: settings before the first `pulumi up`, and the settings of a change that is then taken back.
Mode = tuple[dict[str, Any], dict[str, Any]]
CHECKED: dict[str, Mode] = {
    "private": ({"private": True}, {}),
    "entraOnly with everything on": ({"entraOnly": True, **EVERYTHING}, {}),
    "machine learning": ({"machineLearning": True}, {"machineLearning": False}),
}
EXHAUSTIVE: dict[str, Mode] = {
    "addresses": ({"allowedIps": ADDRESS}, {"allowedIps": OTHER_ADDRESSES}),
    "another model": ({}, {"models": [LUNA]}),
    "no models": ({"models": []}, {"models": [CHAT]}),
    "trigger": ({"dailyTrigger": True}, {"dailyTrigger": False}),
    "budget": ({"budgetEmails": EMAILS}, {"budgetAmount": 50}),
    "search and diagnostics": ({"search": "basic", "diagnostics": True}, {"diagnostics": False}),
    "private with everything on": ({"private": True, "entraOnly": True, **EVERYTHING}, {}),
    "to entraOnly": ({}, {"entraOnly": True}),
    "to private": ({}, {"private": True}),
    "to machine learning": ({}, {"machineLearning": True}),
    "machine learning on a GPU": (
        {"machineLearning": True, "mlComputeSize": "Standard_NC24ads_A100_v4"},
        {"mlComputeSize": "Standard_NC4as_T4_v3", "mlPriority": "LowPriority"},
    ),
    "machine learning with entraOnly and everything on": (
        {"machineLearning": True, "entraOnly": True, **EVERYTHING},
        {},
    ),
    "protected lake": ({"protectLake": True}, {"protectLake": False}),
}
# These go back to names that Azure keeps for a deleted vault and account: purged first, as doctor says.
MOVES: dict[str, Mode] = {
    "another suffix": ({}, {"nameSuffix": "other"}),
    "another region": ({}, {"location": "francecentral", "nameSuffix": "fr"}),
    "another group": ({}, {"resourceGroup": "rg-other", "nameSuffix": "o2"}),
}
