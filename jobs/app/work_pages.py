"""The page of the running command, and the forms that start and stop one."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from jobs.app.asked import read_choice, read_form
from jobs.app.desk import State
from jobs.app.page import desk_of, render
from jobs.app.points import explorer_of
from jobs.app.work import TYPED, Work
from jobs.errors import ErrorKind, JobError


def work_of(request: Request) -> Work:
    work: Work = request.app.state.work
    return work


def show_work(request: Request) -> Response:
    """The command that runs, or the last one. As JSON for the script that keeps the page up to date."""
    run = work_of(request).current
    if read_choice(request.query_params, "as", ("", "json")):
        return JSONResponse(describe_work(request))
    return render(request, "work.html", run=run)


def describe_work(request: Request) -> dict[str, object]:
    """How far everything is: `next` is the page to open when a command has ended."""
    run, desk = work_of(request).current, desk_of(request)
    waits = request.query_params.get("until") == "exploring" and desk.state is State.ready
    return {
        "running": bool(run and run.is_running),
        "seconds": int(run.elapsed) if run else 0,
        "lines": list(run.lines) if run else [],
        "desk": desk.state,
        "explored": not (waits and explorer_of(request).is_exploring()),
        "next": "/search" if run and run.command == "demo" and run.status == 0 else "",
    }


async def post_work(request: Request) -> Response:
    """Start a command, unless one runs. Raises JobError for one that the page may not start."""
    form, work = await read_form(request), work_of(request)
    command = read_choice(form.texts, "command", ("", *work.commands()))
    if not command:
        raise JobError(f"command must be one of {', '.join(work.commands())}.", ErrorKind.usage)
    if command in TYPED and form.texts.get("stack") != desk_of(request).setup.target:
        raise JobError("Type the stack's name to confirm: nothing was done.", ErrorKind.usage)
    work.start(command)
    return RedirectResponse("/work", 303)


async def post_stop(request: Request) -> Response:
    """Stop the command that runs."""
    await read_form(request)
    work_of(request).stop()
    return RedirectResponse("/work", 303)


async def post_again(request: Request) -> Response:
    """Open the collection again, or the demo's."""
    form = await read_form(request)
    desk_of(request).warm_up_behind(demo=form.texts.get("demo") == "yes")
    return RedirectResponse("/search", 303)
