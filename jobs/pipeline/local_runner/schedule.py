"""Start each activity when those it waits for have ended, side by side where it can; tell how the pipeline ended."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeAlias

from jobs.pipeline.local_runner.pipeline import Activity, Pipeline
from jobs.pipeline.results import ActivityRun

Done: TypeAlias = Mapping[str, ActivityRun]
Execute: TypeAlias = Callable[[Activity, Done], ActivityRun]


def run_activities(pipeline: Pipeline, execute: Execute, stop: Event) -> dict[str, ActivityRun]:
    """The outcome of every activity, by its name.

    `execute` is called in a thread for each activity that runs, with the outcomes so far. When this is interrupted,
    `stop` is set, and the interruption goes on when the activities have noticed.
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
                done |= {outcome.name: outcome for outcome in (future.result() for future in ended)}
        except BaseException:
            stop.set()
            raise
    return done


def is_allowed(activity: Activity, done: Done) -> bool:
    """Whether each activity it waits for ended in one of the ways that let it run."""
    return all(done[name].status in outcomes for name, outcomes in activity.depends_on.items())


def skipped_run(activity: Activity) -> ActivityRun:
    return ActivityRun(activity.name, "Skipped", {}, None, 0, 0.0)


def failures(pipeline: Pipeline, done: Done) -> list[ActivityRun]:
    """The failed activities that make the pipeline fail; it succeeds where there is none.

    Data Factory looks at the activities that no other waits for. In the place of one that was skipped it looks at those
    that this one waited for: so a failure that another activity has dealt with is none.
    """
    by_name = {each.name: each for each in pipeline.activities}
    awaited = {name for each in pipeline.activities for name in each.depends_on}
    ahead = [each.name for each in pipeline.activities if each.name not in awaited]
    seen: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name not in seen and done[name].status == "Skipped":
            ahead += by_name[name].depends_on
        seen.add(name)
    return [done[name] for name in by_name if name in seen and done[name].status == "Failed"]
