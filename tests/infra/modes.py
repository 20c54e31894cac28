"""The modes in which the whole program is tested, each with its settings."""

from typing import Any

CHAT = {"alias": "chat", "model": "gpt-5.4-mini", "version": "2026-03-17", "sku": "GlobalStandard", "capacity": 1}
REST = {
    "search": "basic",
    "diagnostics": True,
    "dailyTrigger": True,
    "protectLake": True,
    "budgetEmails": ["ana@example.edu"],
    "allowedIps": ["203.0.113.7"],
}
MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "every option": REST,
    "original sizes": {"postgresSku": "Standard_B2s"},
    "search": {"search": "free"},
    "no model": {"models": []},
    "models": {"models": [CHAT, {**CHAT, "alias": "second"}, {**CHAT, "alias": "third", "format": "OpenAI-OSS"}]},
    "entraOnly": {"entraOnly": True, **REST},
}
MODES["machine learning"] = {"machineLearning": True}
MODES["GPU with all"] = {
    "machineLearning": True,
    "mlComputeSize": "Standard_NC24ads_A100_v4",
    "mlPriority": "LowPriority",
    "entraOnly": True,
    **REST,
}
MODES["private"] = {"private": True}
MODES["private with all"] = {"private": True, "entraOnly": True, **REST, "allowedIps": []}
