"""The part of `bench finetune` that needs torch, run in the folder of carried/ as a program."""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path.cwd()))
STEPS = 30


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--train", "--model", "--output", "--body"):
        parser.add_argument(name, default="")
    for name in ("--rounds", "--answers"):
        parser.add_argument(name, type=int, default=0)
    options = parser.parse_args()
    result = {"pairs": time_steps(options)} if options.rounds else {"seconds": time_answers(options)}
    sys.stdout.write(json.dumps(result) + "\n")


def time_answers(options: argparse.Namespace) -> float:
    """The median seconds of the model's answer to a body."""
    os.environ["AZUREML_MODEL_DIR"] = options.model
    import score

    score.init()
    messages, parameters = score.read_request(options.body)
    times = []
    for _ in range(options.answers):
        started = time.monotonic()
        score.answer(score.State.loaded, messages, parameters)
        times.append(time.monotonic() - started)
    return median(times)


def time_steps(options: argparse.Namespace) -> list[tuple[float, float]]:
    """Seconds a step of the bare trainer and of ours, in turns."""
    return [(time_bare(options), time_ours(options)) for _ in range(options.rounds)]


def settings(options: argparse.Namespace) -> Any:
    words = ["--train", options.train, "--test", options.train, "--model", options.model, "--output", options.output]
    sys.argv = ["train.py", *words, "--max-steps", str(STEPS), "--batch-size", "32", "--device", "cpu"]
    from options import parse_options

    shutil.rmtree(options.output, ignore_errors=True)
    Path(options.output).mkdir(parents=True)
    return parse_options()


def time_bare(options: argparse.Namespace) -> float:
    """trl's trainer with its own settings, and nothing else."""
    import datasets
    from generate import load_model
    from peft import LoraConfig
    from rows import Rows
    from trl import SFTConfig, SFTTrainer

    chosen = settings(options)
    loaded = load_model(options.model)
    rows = Rows(Path(options.train), loaded, chosen)
    data = datasets.Dataset.from_list([{"prompt": prompt, "completion": [answer]} for prompt, answer in rows.turns])
    config = SFTConfig(
        output_dir=options.output,
        max_steps=STEPS,
        per_device_train_batch_size=32,
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        logging_steps=STEPS,
    )
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = SFTTrainer(
        model=loaded.model, args=config, train_dataset=data, processing_class=loaded.tokenizer, peft_config=lora
    )
    started = time.monotonic()
    trainer.train()
    return (time.monotonic() - started) / STEPS


def time_ours(options: argparse.Namespace) -> float:
    """The training of train.py."""
    from checkpoints import Stop
    from generate import load_model
    from rows import Rows
    from train import train_lora

    chosen = settings(options)
    loaded = load_model(options.model)
    rows = Rows(Path(options.train), loaded, chosen)
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - its events are not a result
    _, speed = train_lora(chosen, loaded, rows, (Stop(False), None))
    sys.stdout = sys.__stdout__
    tokens = sum(len(each.ids) for each in rows.examples) * 32 / len(rows.turns)
    return float(tokens / speed)


if __name__ == "__main__":
    main()
