"""Runs `agent`; an agent.yaml of its tests."""

import json
from typing import Any

import pytest

from jobs.entry import main

HOST = "ai-fer.services.ai.azure.com"
YAML = """
instructions: You are a patient tutor.
description: A tutor
temperature: 0.2
functions:
  - get_weather
  - name: ask_teacher
    description: Ask the teacher
    parameters: {type: object, properties: {text: {type: string}}, required: [text]}
"""
WEATHER = ("get_weather", '{"location": "Quito, Ecuador", "unit": "c"}')


def agent(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0, stack: bool = True) -> dict[str, Any]:
    place = ["--outputs", "outputs.json"] if stack else []
    assert main(["agent", *words, *place, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result
