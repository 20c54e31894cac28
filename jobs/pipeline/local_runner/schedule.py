"""Start each activity when those it depends on have ended, in parallel where possible, and find those that failed."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeAlias

from jobs.pipeline.definition import Activity, Pipeline
from jobs.pipeline.results import ActivityRun

Done: TypeAlias = Mapping[str, ActivityRun]
Execute: TypeAlias = Callable[[Activity, Done], ActivityRun]


def run_activities(pipeline: Pipeline, execute: Execute, stop: Event) -> dict[str, ActivityRun]:
    """Run all activities; the results, by name.

    `execute` is called in a thread for each activity that runs, with the results so far. On an exception, such as
    KeyboardInterrupt, `stop` is set, and the exception is raised again when the activities have stopped.
    """
    done: dict[str, ActivityRun] = {}
    waiting = list(pipeline.activities)
    running: set[Future[ActivityRun]] = set()
    with ThreadPoolExecutor(max_workers=max(1, len(waiting))) as pool:
        try:
            while waiting or running:
                ready = [each for each in waiting if done.keys() >= each.depends_on.keys()]
                waiting = [each for each in waiting if each not in ready]
                settled = [settle(pipeline, each, done) for each in ready]
                done |= {run.name: run for run in settled if run is not None}
                running |= {pool.submit(execute, each, {**done}) for each in ready if each.name not in done}
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                done |= {run.name: run for run in (future.result() for future in ended)}
        except BaseException:
            stop.set()
            raise
    return done


def is_allowed(pipeline: Pipeline, activity: Activity, done: Done) -> bool:
    """Whether each activity that it depends on ended with a status that it allows."""
    seen = seen_statuses(pipeline, done)
    return all(seen[name] in statuses for name, statuses in activity.depends_on.items())


def seen_statuses(pipeline: Pipeline, done: Done) -> dict[str, str]:
    """The status of each ended activity, as those after it see it: that of an inactive one is what it is marked as."""
    marks = {each.name: each.marked_as for each in pipeline.activities if each.marked_as}
    return {name: marks[name] if run.status == "Inactive" else run.status for name, run in done.items()}


def settle(pipeline: Pipeline, activity: Activity, done: Done) -> ActivityRun | None:
    """The result of an activity that does not run: it is skipped, or inactive. None for one that runs."""
    allowed = is_allowed(pipeline, activity, done)
    if allowed and not activity.marked_as:
        return None
    return ActivityRun(activity.name, "Inactive" if allowed else "Skipped", {}, None, 0, 0.0)


def failed_activities(pipeline: Pipeline, done: Done) -> list[ActivityRun]:
    """The failed activities that make the pipeline fail; it succeeds where there are none.

    Data Factory checks the activities that no other depends on. Instead of a skipped one it checks those that this one
    depends on: a failure that another activity has handled does not count.
    """
    by_name = {each.name: each for each in pipeline.activities}
    statuses = seen_statuses(pipeline, done)
    depended_on = {name for each in pipeline.activities for name in each.depends_on}
    remaining = [each.name for each in pipeline.activities if each.name not in depended_on]
    seen: set[str] = set()
    while remaining:
        name = remaining.pop()
        if name not in seen and statuses[name] == "Skipped":
            remaining += by_name[name].depends_on
        seen.add(name)
    return [done[name] for name in by_name if name in seen and statuses[name] == "Failed"]
