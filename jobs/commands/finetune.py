"""The commands `finetune data`, `train`, `eval` and `register`: from conversations to a registered model."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs import terminal
from jobs.commands.finetune_options import DataOption, RunName, Yes, begin, check_bill, finetune
from jobs.commands.options import Device, Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.finetune.order import Order, Settings
    from jobs.finetune.results import TrainResult

app = typer.Typer()
app.add_typer(
    finetune,
    name="finetune",
    help="Fine-tune a small language model, serve it and chat with it: on this laptop, or on Azure ML.",
    epilog="Example: python -m jobs finetune demo",
)


class Long(StrEnum):
    """What happens to a row that has more tokens than --max-length."""

    drop = "drop"
    cut = "cut"


class Schedule(StrEnum):
    cosine = "cosine"
    linear = "linear"
    constant = "constant"


@finetune.command(epilog="Example: python -m jobs finetune data --source conversations.jsonl --test-size 0.2")
def data(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to write. Default: .local/finetune/data.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(metavar="faces|HUB_NAME|FILE.jsonl", help="Drawn faces, a data set of the hub, or a file."),
    ] = "faces",
    split: Annotated[str, typer.Option(metavar="NAME", help="The part of the hub's data set.")] = "train",
    count: Annotated[
        int | None, typer.Option(min=4, help="At most so many conversations. Default: 2500 faces, else all.")
    ] = None,
    percent: Annotated[
        float, typer.Option(min=0.0001, max=100, help="The share of the rows to take, chosen by chance.")
    ] = 100.0,
    test_size: Annotated[float, typer.Option(min=0.0001, max=0.9999, help="The share that is held out.")] = 0.2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
    revision: Annotated[str, typer.Option(metavar="COMMIT", help="The commit of the hub's data set.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="Leave out rows that cannot be used.")] = False,
    as_json: Json = False,
    target: TargetName = "local",
    outputs: Outputs = None,
) -> None:
    """Take conversations and divide them into train.jsonl and test.jsonl. `faces` draws them."""
    from jobs.finetune.child import check_packages
    from jobs.finetune.data import write_data
    from jobs.finetune.split import Share
    from jobs.finetune.take import FACES, Source

    check_packages()
    drawn = {"count": count} if count and source == FACES else {}
    taken = Source(name=source, split=split, revision=revision, seed=seed, **drawn)
    share = Share(percent=percent, count=count, test_size=test_size, seed=seed)
    terminal.print_result(write_data(taken, share, folder, drop), as_json)


@finetune.command(epilog="Example: python -m jobs finetune train --model microsoft/Phi-4-mini-instruct --target dev")
def train(
    data: DataOption = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="tiny|HUB_NAME|FOLDER|catalogue:NAME:VERSION",
            help="The model to start from; catalogue: is Azure's, and for Azure only.",
        ),
    ] = "tiny",
    learning_rate: Annotated[
        float | None, typer.Option(min=0, max=1, help="Default: 0.005 for tiny, else 0.0002.")
    ] = None,
    lr_scheduler_type: Annotated[Schedule, typer.Option(help="How it falls.")] = Schedule.cosine,
    epochs: Annotated[float, typer.Option(min=0.001, help="How many times to see each row.")] = 3.0,
    max_steps: Annotated[int | None, typer.Option(min=1, help="Instead of --epochs.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Rows a step. Default: 32 for tiny, else 4.")] = None,
    lora_r: Annotated[int, typer.Option(min=1, max=1024, help="The rank of LoRA's matrices.")] = 16,
    lora_alpha: Annotated[int, typer.Option(min=1, help="The scale of LoRA's matrices.")] = 32,
    max_length: Annotated[int, typer.Option(min=8, help="The most tokens of a row.")] = 512,
    long: Annotated[Long, typer.Option(help="Drop a longer row, or cut it at the end of a turn.")] = Long.drop,
    eval_rows: Annotated[int, typer.Option(min=1, help="At most so many held-out questions are asked.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model on a processor.")] = 0,
    name: RunName = None,
    device: Annotated[Device, typer.Option(help="On this laptop: what computes.")] = Device.auto,
    size: Annotated[str, typer.Option(metavar="SIZE", help="Azure: the size of the node. Default: the stack's.")] = "",
    timeout: Annotated[str, typer.Option(metavar="60m", help="Azure: the longest time, in minutes or hours.")] = "60m",
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Azure: start it, and do not follow it.")] = False,
    follow: Annotated[str | None, typer.Option(metavar="RUN", help="Azure: follow a run that is at work.")] = None,
    cancel: Annotated[str | None, typer.Option(metavar="RUN", help="Azure: stop a run.")] = None,
    yes: Yes = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Fine-tune with LoRA, and measure on held-out rows before and after. The same command goes on after a stop."""
    from jobs.finetune.order import default_settings
    from jobs.finetune.runner import Compute

    runner = begin(target, outputs)
    if follow or cancel:
        if follow and cancel:
            raise typer.BadParameter("give one of --follow and --cancel")
        return print_run(runner.follow(follow) if follow else runner.cancel(cancel or ""), as_json)
    defaults = default_settings(model)
    settings = replace(
        defaults,
        learning_rate=defaults.learning_rate if learning_rate is None else learning_rate,
        lr_scheduler_type=lr_scheduler_type.value,
        epochs=epochs,
        max_steps=max_steps or 0,
        batch_size=batch_size or defaults.batch_size,
        lora_r=lora_r,
        lora_alpha=lora_alpha,
        max_length=max_length,
        long=long.value,
        eval_rows=eval_rows,
        seed=seed,
    )
    order = build_order(data, model, settings, name, device.value)
    compute = Compute(size=size, minutes=parse_minutes(timeout), wait=not no_wait)
    check_bill(runner.training_bill(order, compute), yes)
    return print_run(runner.train(order, compute), as_json)


def build_order(data: Path | None, model: str, settings: "Settings", name: str | None, device: str) -> "Order":
    from jobs.finetune.base import find_base
    from jobs.finetune.data import load_data
    from jobs.finetune.order import Order, name_run

    rows = load_data(data)
    base = find_base(model, rows)
    run = name or name_run(base, rows, settings)
    return Order(base=base, data=rows, settings=settings, run=run, device=device)


def print_run(result: "TrainResult", as_json: bool) -> int:
    terminal.print_result(result, as_json)
    return 1 if result.state == "failed" else 0


def parse_minutes(text: str) -> int:
    """The minutes of 60m, 2h or 90. Raises typer.BadParameter."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in ("m", "h") else (text, "m")
    if not number.isdecimal() or not 1 <= int(number) * (60 if unit == "h" else 1) <= 7 * 24 * 60:
        raise typer.BadParameter(f"{text} is not a time such as 60m or 2h, at most seven days", param_hint="--timeout")
    return int(number) * (60 if unit == "h" else 1)


@finetune.command("eval", epilog="Example: python -m jobs finetune eval --model 1 --report report")
def eval_command(
    model: Annotated[
        str, typer.Option(metavar="base|VERSION|endpoint", help="What to ask. Default: the newest version.")
    ] = "",
    data: DataOption = None,
    rows: Annotated[int, typer.Option(min=1, help="At most so many questions.")] = 200,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a page with every question and answer.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The model's name, if there are several.")] = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Ask held-out questions: exact match, token F1, and answers that were cut off."""
    from jobs.finetune.evaluate import Questions, evaluate_model

    questions = Questions(model=model, name=name, data=data, rows=rows, report=report)
    terminal.print_result(evaluate_model(begin(target, outputs), questions), as_json)


@finetune.command(epilog="Example: python -m jobs finetune register --run tiny-0123456789")
def register(
    run: Annotated[str, typer.Option("--run", metavar="RUN", help="The run, as `train` or `status` names it.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="The name of the model.")] = "faces-chat",
    anyway: Annotated[bool, typer.Option("--anyway", help="Register a run that did not learn, too.")] = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Register the model of a run, after loading it again: the next version of a name."""
    from jobs.finetune.registry import register as register_run

    terminal.print_result(register_run(begin(target, outputs), run, name, anyway), as_json)
