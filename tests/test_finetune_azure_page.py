"""docs/finetune-azure.md shows what the commands print, with azure-ai-ml itself on the played Azure."""

import json
import shlex
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.finetune.azure import attempt, deployment, endpoint
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.online_endpoints import expected
from tests.azure_fakes.vm_offers import vm_usage
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import without_waits
from tests.jobs.finetune.azure.played_learning import ANSWERS, OUTPUTS, PlayedLearning, price_of
from tests.transcripts import check_page

GPU = "Standard_NC24ads_A100_v4"
FAMILY = "Standard NCADSA100v4 Family Cluster Dedicated vCPUs"
LOG = [
    json.dumps({"event": "before", "dropped": 0, "device": "cuda"}),
    json.dumps({"event": "train", "resumed_from": None}),
    *(json.dumps({"event": "step", "step": step, "of": 300, "loss": loss}) for step, loss in ((100, 0.9), (300, 0.4))),
    json.dumps({"event": "after"}),
    json.dumps({"event": "done"}),
]
FIGURES = {"device": "cuda", "steps": 300, "loss_before": 1.2, "loss_after": 0.5, "loss_saved": 0.5}
QUESTION = "I see a face with wide eyes"


class Page:
    """Types the page's commands. The quota is granted after the first, as the page says."""

    def __init__(self, learning: PlayedLearning) -> None:
        self.learning = learning

    def run(self, command: str) -> str:
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            assert main(shlex.split(command)[3:]) in (0, 1), command
        self.learning.azure.vm_usages = [vm_usage(FAMILY, 0, 24)]
        return "\n".join(without_waits(out.getvalue()))


def test_the_page_shows_what_the_commands_print(
    cloud: Cloud, az: FakeProgram, programs: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    for module in (attempt, deployment, endpoint):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.0)
    learning = PlayedLearning(cloud, tmp_path)
    outputs = vars(learning.target) | OUTPUTS | {"ml_compute_size": GPU}
    FakeProgram(programs, "pulumi").set_output("stack output --json", outputs)
    cluster = learning.azure.find(f"{learning.workspace.id}/computes/train")
    assert cluster
    cluster.body["properties"]["properties"]["vmSize"] = GPU
    learning.prices.rows.append(price_of(GPU, "Virtual Machines NCads A100 v4 Series", 3.67))
    learning.played.learning.steps["phi-faces"] = ["Queued"] * 2 + [
        "Running",
        learning.finish("phi-faces", LOG, **FIGURES),
    ]
    learning.played.endpoints.answers["blue"] = expected({**ANSWERS, QUESTION: "This face shows surprise."})
    monkeypatch.chdir(tmp_path)
    assert main(["finetune", "data", "talks", "--count", "20"]) == 0
    check_page(project / "docs" / "finetune-azure.md", Page(learning).run)
    assert json.loads((tmp_path / "talks" / "data.json").read_text())["source"] == "faces"
