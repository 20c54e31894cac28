"""Fine-tune a chat model with LoRA: python train.py --train FILE --test FILE --model FOLDER|NAME --output FOLDER ...

Writes into the output: metrics.jsonl (a line a step), answers.jsonl, checkpoint-N/, adapter/, model/ (in MLflow form),
and last summary.json. The same command goes on from the newest whole checkpoint. Exit status: 0 done, 3 refused with
a sentence on stderr, 4 stopped with a checkpoint, 5 the disk is full.
"""

import argparse
import contextlib
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from checkpoints import Checkpoints, Stop, find_checkpoint, step_of
from conversations import ConversationError
from disk import is_disk_full
from events import open_metrics, print_event, write_json
from generate import Loaded, UnusableModelError, answer_loss, load_model, pick_device
from options import parse_options
from rows import Rows, check_rows, measure, read_before, write_answers
from save import peak_bytes, save_model, seed_everything

REFUSED, STOPPED, DISK_FULL = 3, 4, 5


def main() -> int:
    options = parse_options()
    stop = Stop(options.watch_stdin)
    output = Path(options.output)
    try:
        output.mkdir(parents=True, exist_ok=True)
        loaded = load_model(options.model, options.revision, pick_device(options.device))
        train, test = (Rows(Path(name), loaded, options) for name in (options.train, options.test))
        check_rows(train, test)
        summary = run(options, loaded, (train, test), stop)
        if summary is None:
            return STOPPED
        write_json(output / "summary.json", summary)
    except (ConversationError, UnusableModelError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except Exception as error:
        if not is_disk_full(error):
            raise
        with contextlib.suppress(OSError):  # the log may be on the same disk
            sys.stderr.write(f"The disk of {output} is full: {error}\n")
        return DISK_FULL
    print_event({"event": "done"})
    return 0


def run(options: argparse.Namespace, loaded: Loaded, rows: tuple[Rows, Rows], stop: Stop) -> dict[str, Any] | None:
    """Measure, train, save, load what was saved, and measure again. Returns the summary, None when it was stopped."""
    train, test = rows
    output, started = Path(options.output), time.monotonic()
    asked = test.turns[: options.eval_rows]
    print_event({"event": "before", "dropped": len(train.dropped) + len(test.dropped), "device": loaded.device})
    before = read_before(output / "before.json", lambda: measure(loaded, test, asked))
    checkpoint = find_checkpoint(output)
    resumed = step_of(checkpoint) if checkpoint else None
    print_event({"event": "train", "resumed_from": resumed})
    trainer, speed = train_lora(options, loaded, train, (stop, checkpoint))
    if stop.asked:
        return None
    print_event({"event": "after"})
    trainer.model.eval()
    after = measure(replace(loaded, model=trainer.model), test, asked)
    write_answers(output / "answers.jsonl", asked, before["answers"], after["answers"])
    saved = load_model(str(save_model(loaded, trainer.model, output, asked)), device=loaded.device)
    return {
        "run": options.run,
        "state": "done",
        "model": options.model_name or options.model,
        "base_sha256": options.base_sha256,
        "data_sha256": options.data_sha256,
        "steps": trainer.state.global_step,
        "resumed_from": resumed,
        "loss_before": before["loss"],
        "loss_after": after["loss"],
        "loss_saved": answer_loss(saved, test.examples),
        "exact_before": before["exact"],
        "exact_after": after["exact"],
        "tokens_per_second": speed,
        "seconds": round(time.monotonic() - started, 3),
        "peak_bytes": peak_bytes(),
        "device": loaded.device,
        "folder": str(output),
        "dropped": train.dropped + test.dropped,
    }


def train_lora(
    options: argparse.Namespace, loaded: Loaded, train: Rows, place: tuple[Stop, Path | None]
) -> tuple[Any, float]:
    """Train with trl. Returns the trainer, and the tokens per second."""
    import datasets
    from peft import LoraConfig
    from trainer_config import trainer_config
    from transformers import PrinterCallback
    from trl import SFTTrainer

    stop, checkpoint = place
    datasets.disable_progress_bars()
    seed_everything(options.seed)
    data = datasets.Dataset.from_list([{"prompt": prompt, "completion": [answer]} for prompt, answer in train.turns])
    lora = LoraConfig(
        r=options.lora_r, lora_alpha=options.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    metrics = open_metrics(Path(options.output) / "metrics.jsonl", step_of(checkpoint) if checkpoint else 0)
    trainer = SFTTrainer(
        model=loaded.model,
        args=trainer_config(options, loaded.device),
        train_dataset=data,
        processing_class=loaded.tokenizer,
        peft_config=lora,
        callbacks=[Checkpoints(stop, metrics, options.save_steps)],
    )
    trainer.remove_callback(PrinterCallback)
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    tokens = sum(len(each.ids) for each in train.examples) * (trainer.state.epoch or 0)
    return trainer, round(tokens / max(time.monotonic() - started, 1e-3), 1)


if __name__ == "__main__":
    raise SystemExit(main())
