"""Save a trained model: the adapter merged into the weights, in MLflow's form, with questions to check it by."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from generate import Loaded

QUESTIONS = 20
PACKAGES = ("torch", "transformers", "mlflow-skinny")


def save_model(loaded: Loaded, trained: Any, output: Path, turns: Sequence[tuple[Any, Any]]) -> Path:
    """Write adapter/ and model/ into the output; returns the folder of the weights. A folder is replaced whole.

    `save_model` and not `log_model`, which asks Azure ML for pages that it does not have.
    """
    import mlflow.transformers

    adapter, model, new = output / "adapter", output / "model", output / "model.new"
    for folder in (adapter, new):
        shutil.rmtree(folder, ignore_errors=True)
    trained.save_pretrained(adapter)
    merged = trained.merge_and_unload()
    merged.generation_config = loaded.model.generation_config
    mlflow.transformers.save_model(
        {"model": merged, "tokenizer": loaded.tokenizer},
        str(new),
        task="llm/v1/chat",
        pip_requirements=[f"{name}=={version(name)}" for name in PACKAGES],
        metadata={"stops": loaded.stops},
    )
    lines = [json.dumps({"messages": prompt, "expected": answer["content"]}) for prompt, answer in turns[:QUESTIONS]]
    (new / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.rmtree(model, ignore_errors=True)
    new.rename(model)
    return weights_folder(model)


def version(package: str) -> str:
    from importlib.metadata import version as installed_version

    return installed_version(package).partition("+")[0]


def weights_folder(model: Path) -> Path:
    """One folder with weights and tokenizer, as transformers loads it: MLflow keeps the two apart."""
    weights, tokenizer = model / "model", model / "components" / "tokenizer"
    for file in tokenizer.iterdir():
        if not (weights / file.name).exists():
            shutil.copy(file, weights / file.name)
    return weights


def peak_bytes() -> int:
    """The largest memory that this process had: on a GPU the GPU's."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    import psutil

    windows = getattr(psutil.Process().memory_info(), "peak_wset", 0)
    if windows:
        return int(windows)
    import resource
    import sys

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def seed_everything(seed: int) -> None:
    transformers.set_seed(seed)
