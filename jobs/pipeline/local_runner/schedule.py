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
                done |= {each.name: skipped_run(each) for each in ready if not is_allowed(each, done)}
                running |= {pool.submit(execute, each, {**done}) for each in ready if each.name not in done}
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                done |= {run.name: run for run in (future.result() for future in ended)}
        except BaseException:
            stop.set()
            raise
    return done


def is_allowed(activity: Activity, done: Done) -> bool:
    """Whether each activity that it depends on ended with a status that it allows."""
    return all(done[name].status in statuses for name, statuses in activity.depends_on.items())


def skipped_run(activity: Activity) -> ActivityRun:
    return ActivityRun(activity.name, "Skipped", {}, None, 0, 0.0)


def failed_activities(pipeline: Pipeline, done: Done) -> list[ActivityRun]:
    """The failed activities that make the pipeline fail; it succeeds where there are none.

    Data Factory checks the activities that no other depends on. Instead of a skipped one it checks those that this one
    depends on: a failure that another activity has handled does not count.
    """
    by_name = {each.name: each for each in pipeline.activities}
    depended_on = {name for each in pipeline.activities for name in each.depends_on}
    remaining = [each.name for each in pipeline.activities if each.name not in depended_on]
    seen: set[str] = set()
    while remaining:
        name = remaining.pop()
        if name not in seen and done[name].status == "Skipped":
            remaining += by_name[name].depends_on
        seen.add(name)
    return [done[name] for name in by_name if name in seen and done[name].status == "Failed"]
