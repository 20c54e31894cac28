"""docs/assistant.md shows what the commands print: on the laptop's services, and with a played model and project."""

import json
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.foundry_agents import FoundryAgents
from tests.azure_fakes.openai_models import Models, refusal
from tests.azure_fakes.openai_replies import Say
from tests.jobs.lake_rows import DRAWN, fill_lake
from tests.transcripts import check_page, commands

FILE = re.compile(r"Save this as `([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WEATHER = ("get_weather", '{"location": "Quito, Ecuador", "unit": "c"}')
FILTER = {"content_filter_result": {"violence": {"filtered": True, "severity": "medium"}}}


def run(command: str) -> str:
    """What a command prints on stdout; where it prints nothing there, its sentence on stderr."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        assert main(shlex.split(command)[3:]) in (0, 1), command
    return out.getvalue().strip("\n") or err.getvalue().splitlines()[-1]


def test_the_page_shows_what_the_commands_print(
    laptop: Target, cloud: Cloud, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = project / "docs" / "assistant.md"
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, content in FILE.findall(text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    fill_lake(laptop, DRAWN)
    models, agents = Models(), FoundryAgents()
    models.replies += [
        Say(calls=(("count_by_emotion", '{"emotions": ["sad"]}'),)),
        Say("There are 59 sad faces."),
        refusal(400, "content_filter", "The prompt triggered a filter.", "prompt", innererror=FILTER),
    ]
    agents.replies.append(Say(calls=(WEATHER,)))
    cloud.services |= {"ai-fer.openai.azure.com": models, "ai-fer.services.ai.azure.com": agents}
    urls = {
        "openai_url": "https://ai-fer.openai.azure.com/openai/v1/",
        "project_url": "https://ai-fer.services.ai.azure.com/api/projects/analisis_fer",
    }
    stack = replace(laptop, pipeline_runner="data_factory", **urls)
    (tmp_path / "dev.json").write_text(json.dumps(asdict(stack)))
    assert len(commands(text)) >= 10
    check_page(page, run)
