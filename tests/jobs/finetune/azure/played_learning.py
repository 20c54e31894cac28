"""A stack with machine learning on the played Azure, with what a run leaves in its workspace."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jobs.finetune.azure.endpoint import endpoint_name
from jobs.finetune.azure.job import order_tags
from jobs.finetune.azure.runner import AzureRunner
from jobs.finetune.azure.workspace import Workspace
from jobs.finetune.order import TINY_SETTINGS, Base, DataFolder, Order
from jobs.finetune.runner import Compute
from jobs.target import Target
from tests.azure_fakes import retail_prices
from tests.azure_fakes.azure import ROOT, SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.ml_storage import LOGS, RUNS, WorkspaceAccount
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.resource_lists import put_resource
from tests.azure_fakes.retail_prices import RetailPrices, price_row

GROUP = "rg-vector-lake-dev"
TAGS = {"project": "vector-lake", "stack": "dev"}
ML = "Microsoft.MachineLearningServices/workspaces"
IDENTITY = f"{ROOT}/resourceGroups/{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mlw-fer-identity"
OUTPUTS = {
    "subscription_id": SUBSCRIPTION,
    "resource_group": GROUP,
    "storage_auth": "identity",
    "foundry_account": "ai-fer",
    "foundry_project": "analisis_fer",
    "project_url": "https://ai-fer.services.ai.azure.com/api/projects/analisis_fer",
    "ml_workspace": "mlw-fer",
    "ml_location": "swedencentral",
    "ml_compute": "train",
    "ml_compute_size": "Standard_DS3_v2",
    "ml_identity_id": IDENTITY,
    "ml_identity_client_id": "55555555-5555-5555-5555-555555555555",
    "finetune_runner": "azure_ml",
}
DSV2 = "Virtual Machines DSv2 Series"
LOG_LINES = [
    json.dumps({"event": "before", "dropped": 0, "device": "cpu"}),
    json.dumps({"event": "step", "step": 1, "of": 2, "loss": 0.31}),
    "a line of torch \x1b[31m",
]
QUESTIONS = [
    {"messages": [{"role": "user", "content": f"question {number}"}], "expected": f"answer {number}"}
    for number in range(20)
]
ANSWERS = {f"question {number}": f"answer {number}" for number in range(20)}


@dataclass
class PlayedLearning:
    """The stack `dev`. `folder` is the test's own."""

    cloud: Cloud
    folder: Path
    account: WorkspaceAccount = field(default_factory=WorkspaceAccount)

    def __post_init__(self) -> None:
        self.played = PlayedAzure(self.cloud)
        self.azure = self.played.azure
        group = f"{ROOT}/resourceGroups/{GROUP}"
        storage = put_resource(self.azure, "Microsoft.Storage/storageAccounts", "stferml", TAGS, GROUP)
        properties = {"storageAccount": storage.id}
        put_resource(self.azure, ML, "mlw-fer", TAGS, GROUP, properties=properties)
        machine = {"vmSize": "Standard_DS3_v2", "vmPriority": "Dedicated"}
        cluster = {"computeType": "AmlCompute", "properties": machine}
        put_resource(self.azure, f"{ML}/mlw-fer/computes", "train", TAGS, GROUP, properties=cluster)
        self.azure.put(IDENTITY, {"location": "swedencentral"})
        account = f"{group}/providers/Microsoft.CognitiveServices/accounts/ai-fer"
        self.azure.put(account, {"location": "swedencentral"})
        self.azure.put(f"{account}/projects/analisis_fer", {"location": "swedencentral"})
        self.prices = RetailPrices(
            [price_of(f"Standard_{size}", DSV2, usd) for size, usd in (("DS3_v2", 0.29), ("DS2_v2", 0.15))]
        )
        self.cloud.services |= {
            "stferml.blob.core.windows.net": self.account,
            retail_prices.HOST: self.prices,
        }
        values = {name: "" for name in Target.__dataclass_fields__} | {"postgres_port": 5432}
        self.target = Target(**values | OUTPUTS)
        self.workspace = Workspace(self.target, "dev")

    def runner(self) -> AzureRunner:
        """A runner as a new command has it."""
        return AzureRunner(self.target, "dev")

    @property
    def endpoint(self) -> str:
        return endpoint_name(self.workspace)

    def order(self, run: str = "tiny-1", **settings: Any) -> Order:
        """A training of a tiny base on small data."""
        data, base = self.folder / "data", self.folder / "base"
        for place in (data, base):
            place.mkdir(exist_ok=True)
        for name in ("train.jsonl", "test.jsonl"):
            (data / name).write_text(f"{name}\n", encoding="utf-8")
        (data / "private.txt").write_text("not to be uploaded", encoding="utf-8")
        (base / "config.json").write_text("{}", encoding="utf-8")
        (base / "model.safetensors").write_bytes(b"weights")
        return Order(
            base=Base(name="tiny", sha256="b" * 64, folder=base),
            data=DataFolder(folder=data, sha256="d" * 64, train=8, test=2),
            settings=replace(TINY_SETTINGS, **settings),
            run=run,
        )

    def compute(self, **options: Any) -> Compute:
        return Compute(**options)

    def finish(self, run: str, lines: Sequence[str] = LOG_LINES, **figures: Any) -> Callable[[], str]:
        """What the job of a run does: its log, its files, and the state that it ends in."""

        def work() -> str:
            self.write_log(run, lines)
            self.write_files(run, **figures)
            return "Completed"

        return work

    def write_log(self, job: str, lines: Sequence[str]) -> None:
        name = f"ExperimentRun/dcid.{job}/user_logs/std_log.txt"
        before = self.account.blobs.get((LOGS, name), (b"", None))[0]
        self.account.write(LOGS, name, before + "".join(f"{line}\n" for line in lines).encode())

    def write_files(self, run: str, **figures: Any) -> None:
        """What train.py leaves in a run's folder."""
        order = self.order(run)
        summary = {
            "run": run,
            "state": "done",
            "model": "tiny",
            "base_sha256": order.base.sha256,
            "data_sha256": order.data.sha256,
            "steps": 200,
            "resumed_from": None,
            "loss_before": 0.3,
            "loss_after": 0.2,
            "loss_saved": 0.2,
            "exact_before": 0.1,
            "exact_after": 0.95,
            "tokens_per_second": 1000.0,
            "seconds": 60.0,
            "peak_bytes": 1,
            "device": "cpu",
            "folder": "/mnt/outputs",
            "dropped": [],
        }
        self.account.write(RUNS, f"finetune/{run}/summary.json", json.dumps(summary | figures).encode())
        lines = "".join(f"{json.dumps(each)}\n" for each in QUESTIONS)
        self.account.write(RUNS, f"finetune/{run}/model/questions.jsonl", lines.encode())
        self.account.write(RUNS, f"finetune/{run}/model/model/model.safetensors", b"weights")

    def train(self, run: str = "tiny-1", **figures: Any) -> AzureRunner:
        """Train a run to its end. Returns the runner."""
        self.played.learning.steps[run] = ["Queued", "Running", self.finish(run, **figures)]
        runner = self.runner()
        runner.train(self.order(run), Compute())
        return runner

    def have_version(self, number: int) -> None:
        """Put a registered model as `register` makes it, of the run tiny-NUMBER that is done."""
        run, order = f"tiny-{number}", self.order(f"tiny-{number}")
        self.write_files(run)
        job = self.azure.put(f"{self.workspace.id}/jobs/{run}", {"properties": {"tags": order_tags(order)}})
        job.assigned = {"properties": {"status": "Completed"}}
        model = f"{self.workspace.id}/models/faces-chat"
        self.azure.put(model, {"properties": {}})
        tags = {"finetune": run, "base": order.base.sha256, "data": order.data.sha256, "metrics": "{}"}
        self.azure.put(f"{model}/versions/{number}", {"properties": {"tags": tags, "modelUri": "azureml://x"}})

    def sent(self, method: str, part: str) -> list[str]:
        """What is below the workspace in the requests with a method whose path has `part`."""
        below = [each.path.partition("/workspaces/mlw-fer") for each in self.cloud.requests if each.method == method]
        return [path.lstrip("/") for _, mark, path in below if mark and part in path]


def price_of(size: str, product: str, usd: float) -> dict[str, Any]:
    """The row of a size in Azure's price list."""
    label = size.removeprefix("Standard_").replace("_", " ")
    return price_row("Virtual Machines", product, label, usd, armSkuName=size, skuName=label)
