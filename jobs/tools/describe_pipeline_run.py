"""The tool describe_pipeline_run: how a run of the pipeline ended, and what each activity copied."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.tools.tool import Context, Tool, pictures_target, strict_schema

LAST = "last"
KEYS = ("pipeline", "run_id", "status", "start", "seconds", "message")
ACTIVITY_KEYS = ("name", "status", "rowsCopied", "filesWritten", "error")
# `error` is the key of a call that failed: what a run says about its own is `message`.
DAYS, LIMIT = 45, 20


def describe_run(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """{pipeline, run_id, status, start, seconds, message, activities, place}. Raises JobError for an unknown run."""
    wanted = str(arguments["run"]).strip() or LAST
    runs = local_runs(context) if context.target.pipeline_runner == "local" else factory_runs(context)
    found = [run for run in runs if wanted in (LAST, run["run_id"])]
    if not found:
        what = "No pipeline has run yet" if wanted == LAST else f"There is no run {wanted}"
        raise JobError(f"{what}: `python -m jobs run-pipeline` runs it, `runs` lists them.", ErrorKind.not_found)
    return found[0]


def local_runs(context: Context) -> list[dict[str, Any]]:
    """The kept runs, newest first; the demo's where the laptop has none of its own."""
    from jobs.pipeline.history import read_runs, summarize

    place, kept = "this laptop", read_runs()
    if not kept:
        with pictures_target(context.target) as (_, place):
            kept = read_runs()
    return [
        {key: value for key, value in asdict(summarize(start, run)).items() if key in KEYS}
        | {
            "activities": [
                {key: each[key] for key in ACTIVITY_KEYS if each.get(key) is not None} for each in run.activities
            ],
            "place": place,
        }
        for start, run in kept
    ]


def factory_runs(context: Context) -> list[dict[str, Any]]:
    """The runs of the stack's factory, newest first."""
    from jobs.pipeline.runs import list_runs

    listed = list_runs(context.target, DAYS, LIMIT)
    return [
        {key: value for key, value in asdict(run).items() if key in KEYS} | {"place": f"the factory {listed.factory}"}
        for run in listed.runs
    ]


TOOL = Tool(
    "describe_pipeline_run",
    "Say how a run of the Data Factory pipeline ended, when, how long it took, and what each activity copied.",
    strict_schema(run={"type": "string", "description": "A run's id, or last for the newest."}),
    describe_run,
)
