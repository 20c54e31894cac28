"""What fine-tuning has in a stack and what of it bills, and its end: endpoint, connections, models, data."""

from jobs.finetune.azure import connection, endpoint, model
from jobs.finetune.azure.assets import BASE, DATA
from jobs.finetune.azure.attempt import list_runs
from jobs.finetune.azure.quota import read_cluster
from jobs.finetune.azure.workspace import RUNS, Workspace, refusals
from jobs.finetune.results import StatusResult, TeardownResult, TrainResult

UPLOADS = "LocalUpload"  # where azure-ai-ml puts what it uploads


def describe_status(workspace: Workspace) -> StatusResult:
    """Runs, versions, the endpoint, and what bills an hour. Raises JobError."""
    runs, found = list_runs(workspace), endpoint.read_endpoint(workspace)
    rows = [{"run": each.run, "state": each.state, "model": each.model} for each in runs]
    return StatusResult(
        runs=rows,
        versions=model.list_versions(workspace),
        endpoint=found,
        bills_per_hour=add_bills(workspace, runs, [each.hourly_usd for each in found.deployments] if found else []),
    )


def add_bills(workspace: Workspace, runs: list[TrainResult], deployments: list[float | None]) -> float | None:
    """What bills an hour: deployments, and the cluster where a run has it. None where a price is not known."""
    parts = list(deployments)
    if any(each.state == "running" for each in runs):
        cluster = read_cluster(workspace)
        parts.append(workspace.hourly_price(cluster.size, cluster.low_priority))
    known = [each for each in parts if each is not None]
    return round(sum(known), 4) if len(known) == len(parts) else None


def tear_down(workspace: Workspace, models: bool, data: bool) -> TeardownResult:
    """Delete what bills first: the endpoint. Then the connections, and what was asked for. Raises JobError."""
    deleted = ["the endpoint and its deployments"] if endpoint.delete_endpoint(workspace) else []
    deleted += connection.delete_connections(workspace)
    kept: list[str] = []
    versions = model.list_versions(workspace)
    if models:
        deleted += model.delete_versions(workspace) + delete_files(workspace, RUNS, "the runs' files")
    else:
        kept += ["the registered models"] * bool(versions) + ["the runs"] * bool(list_runs(workspace))
    assets = list_assets(workspace)
    if data:
        deleted += delete_assets(workspace, assets) + delete_files(workspace, UPLOADS, "the uploaded data")
    else:
        kept += ["the uploaded data"] * bool(assets)
    left = ["the endpoint"] if endpoint.read_endpoint(workspace) else []
    bills = add_bills(workspace, list_runs(workspace), [])
    return TeardownResult(deleted=deleted, kept=kept, left=left, bills_per_hour=bills)


def list_assets(workspace: Workspace) -> list[str]:
    """The paths of the data assets that `train` made. Raises JobError."""
    with refusals(workspace, "the data of the workspace"):
        names = [name for name in (DATA, BASE) if workspace.find(f"/data/{name}")]
        return [f"/data/{name}/versions/{each['name']}" for name in names for each in versions_of(workspace, name)]


def versions_of(workspace: Workspace, name: str) -> list[dict[str, object]]:
    return list(workspace.pages(f"/data/{name}/versions"))


def delete_assets(workspace: Workspace, paths: list[str]) -> list[str]:
    with refusals(workspace, "to delete the data"):
        for path in paths:
            workspace.delete(path)
    return [f"{len(paths)} data assets"] if paths else []


def delete_files(workspace: Workspace, folder: str, what: str) -> list[str]:
    with refusals(workspace, f"to delete {what}"):
        count = workspace.delete_blobs(f"{folder}/")
    return [f"{what} ({count})"] if count else []
