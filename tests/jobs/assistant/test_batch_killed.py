"""chat batch submit that is killed at any of its requests: the same command again is the same batch."""

import signal
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.openai_batches import Batches
from tests.fake_programs import FakeProgram
from tests.jobs.assistant.conftest import HOST
from tests.jobs.killed import Killed

REQUESTS = 4  # the batches, the files, the upload, the batch


@pytest.mark.parametrize(("at", "answered"), [(at, answered) for at in range(REQUESTS) for answered in (True, False)])
def test_a_killed_submit_goes_on(
    model_options: list[str], az: FakeProgram, cloud: Cloud, project: Path, tmp_path: Path, at: int, answered: bool
) -> None:
    service = cloud.services[HOST] = Batches()
    (tmp_path / "q.jsonl").write_text('{"id": "a", "question": "One?"}\n', encoding="utf-8")
    command = ("chat", "batch", "submit", "q.jsonl", *model_options)
    killed = Killed(cloud, project, HOST)
    assert killed.run(*command, at=at, answered=answered)[0] == -signal.SIGKILL
    status, err = killed.run(*command)
    assert status == 0, err
    assert (len(service.files), list(service.batches)) == (1, ["batch_0"])
    (body,) = [each for each in cloud.bodies("POST", "/batches") if each][-1:]
    assert body["input_file_id"] == "file-0"
