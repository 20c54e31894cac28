"""agent create that is killed at any of its requests: the same command again ends as an undisturbed run."""

import signal
from itertools import product
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.foundry_agents import FoundryAgents
from tests.fake_programs import FakeProgram
from tests.jobs.agent.agents import HOST, YAML
from tests.jobs.killed import Killed, each_third

COMMAND = ("agent", "create", "tutor", "--file", "agent.yaml", "--outputs", "outputs.json")
REQUESTS = 12  # the lists, the store, two files and their places in it, the agent, and its version


@pytest.mark.parametrize(("at", "answered"), each_third(*product(range(REQUESTS + 1), (True, False))))
def test_a_killed_create_goes_on(
    foundry: FoundryAgents, az: FakeProgram, cloud: Cloud, project: Path, file: Path, at: int, answered: bool
) -> None:
    for number in range(2):
        (file.parent / f"{number}.md").write_text(f"Note {number}.")
    file.write_text(YAML + "files: [0.md, 1.md]\n")
    killed = Killed(cloud, project, HOST)
    status, err = killed.run(*COMMAND, at=at, answered=answered)
    assert status == (0 if at >= len(cloud.requests) else -signal.SIGKILL), err
    status, err = killed.run(*COMMAND)
    assert status == 0, err
    (store,) = foundry.stores.values()
    assert set(store["ids"]) == set(foundry.files) and len(foundry.files) == 2
    assert [each["version"] for each in foundry.agents["tutor"]] == ["1"]
