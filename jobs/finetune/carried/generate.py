"""Load a causal language model, answer questions in batches, and measure the loss of expected answers."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1", MLFLOW_DISABLE_TELEMETRY="true")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
import transformers

transformers.utils.logging.disable_progress_bar()

TURN_END = "<|end|>"  # Phi ends a turn with it; its tokenizer's EOS is another token
BATCH = 50
OVERHEAD = 1.3  # of the weights' bytes: activations, and the adapter with its optimizer
ANSWER_TOKENS = 256  # at most, in an evaluation


class UnusableModelError(Exception):
    """A model that cannot be loaded. The message is a whole sentence."""


@dataclass(frozen=True)
class Loaded:
    """A model on its device, its tokenizer, and the ids that end an answer."""

    model: Any
    tokenizer: Any
    stops: list[int]
    device: str


@dataclass(frozen=True)
class Example:
    """`ids` of a prompt and its answer; the answer begins at `start`."""

    ids: list[int]
    start: int


def pick_device(name: str) -> str:
    """The device of `auto`: the first of cuda, mps and cpu that is there."""
    if name != "auto":
        return name
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_model(name: str, revision: str = "", device: str = "cpu") -> Loaded:
    """Load a folder, or a model of the hub at a commit. Raises UnusableModelError.

    No code of the model's own is run, and nothing is unpickled: `trust_remote_code` is False, weights are safetensors.
    """
    local = Path(name).is_dir()
    options = {"trust_remote_code": False, "local_files_only": local, **({"revision": revision} if revision else {})}
    dtype = torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float32
    try:
        config = transformers.AutoConfig.from_pretrained(name, **options)
        check_memory(name, config, dtype, device)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, padding_side="left", **options)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            name, config=config, dtype=dtype, use_safetensors=True, **options
        )
    except (OSError, ValueError, KeyError) as error:
        raise UnusableModelError(explain_model_error(name, str(error))) from error
    if not tokenizer.chat_template:
        raise UnusableModelError(f"The model {name} has no chat template: give one that was made for chats.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    stops = stop_ids(tokenizer, model.generation_config.eos_token_id)
    model.generation_config = transformers.GenerationConfig(
        eos_token_id=stops, pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id
    )
    return Loaded(model.to(device).eval(), tokenizer, stops, device)


def explain_model_error(name: str, reason: str) -> str:
    """The sentence for a model that transformers does not load."""
    first = next((line.strip() for line in reason.splitlines() if line.strip()), "no reason given")
    if "trust_remote_code" in reason:
        return f"The model {name} needs code of its own, which is never run here: give one that transformers knows."
    if "safetensors" in reason:
        return f"The model {name} has no weights as safetensors, and pickled ones are never loaded: convert them first."
    if "gated" in reason or "401" in reason or "403" in reason:
        return f"The model {name} is gated: accept its terms on its page, `hf auth login`, or give a folder with it."
    if "not a valid model identifier" in reason or "404" in reason:
        return f"The hub has no model {name}: write its name as OWNER/NAME, or give a folder."
    if "connect" in reason.lower() or "offline" in reason.lower() or "resolve" in reason.lower():
        return f"The hub does not answer for {name}: copy the model into a folder, and give that with --model FOLDER."
    return f"The model {name} cannot be loaded ({first}): give another one."


def check_memory(name: str, config: Any, dtype: Any, device: str) -> None:
    """Raise UnusableModelError for a model that does not fit, before it is loaded: its size is in its config."""
    with torch.device("meta"):
        count = sum(each.numel() for each in transformers.AutoModelForCausalLM.from_config(config).parameters())
    needed = int(count * torch.finfo(dtype).bits / 8 * OVERHEAD)
    free = free_memory(device)
    if needed > free:
        raise UnusableModelError(
            f"The model {name} has {count:,} weights and needs {needed:,} bytes, and {free:,} are free on {device}: "
            "give a smaller model, or train it on a GPU of Azure with --target STACK."
        )


def free_memory(device: str) -> int:
    """Free bytes on a device. FINETUNE_MEMORY_BYTES sets another limit."""
    import psutil

    limit = int(os.environ.get("FINETUNE_MEMORY_BYTES", 2**62))
    free = torch.cuda.mem_get_info()[0] if device == "cuda" else psutil.virtual_memory().available
    return min(free, limit)


def stop_ids(tokenizer: Any, known: int | Sequence[int] | None) -> list[int]:
    """The ids that end an answer: the end of a turn, the tokenizer's EOS, and those that the model names."""
    named = [known] if isinstance(known, int) else list(known or [])
    turn = tokenizer.convert_tokens_to_ids(TURN_END)
    ends = [turn] if isinstance(turn, int) and turn != tokenizer.unk_token_id else []
    return list(dict.fromkeys(each for each in [*ends, tokenizer.eos_token_id, *named] if each is not None))


def encode(tokenizer: Any, prompt: Sequence[Any], answer: Any) -> Example:
    """The ids of a prompt and its answer, as the chat template writes them: what trl computes the loss of."""
    start = tokenizer.apply_chat_template(list(prompt), add_generation_prompt=True, return_dict=False)
    whole = tokenizer.apply_chat_template([*prompt, answer], return_dict=False)
    return Example(whole, len(start))


def batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def pad_examples(examples: Sequence[Example], pad: int, device: str) -> dict[str, Any]:
    """Tensors of a batch, padded on the right. Labels of the prompts and the padding are -100."""
    longest = max(len(each.ids) for each in examples)
    ids = [each.ids + [pad] * (longest - len(each.ids)) for each in examples]
    mask = [[1] * len(each.ids) + [0] * (longest - len(each.ids)) for each in examples]
    labels = [[-100] * each.start + each.ids[each.start :] + [-100] * (longest - len(each.ids)) for each in examples]
    tensors = {"input_ids": ids, "attention_mask": mask, "labels": labels}
    return {name: torch.tensor(value, device=device) for name, value in tensors.items()}


def answer_loss(loaded: Loaded, examples: Sequence[Example]) -> float:
    """The mean loss over all tokens of the answers, in nats."""
    total = tokens = 0.0
    with torch.inference_mode():
        for some in batches(examples, BATCH if loaded.device == "cpu" else 8):
            batch = pad_examples(some, loaded.tokenizer.pad_token_id, loaded.device)
            count = float((batch["labels"][:, 1:] != -100).sum())
            total += float(loaded.model(**batch).loss) * count
            tokens += count
    return total / max(tokens, 1.0)


def answer_questions(loaded: Loaded, questions: Sequence[Sequence[Any]], most: int) -> list[tuple[str, bool]]:
    """The likeliest answer of each question, and whether it was cut off at `most` tokens."""
    answers: list[tuple[str, bool]] = []
    for some in batches(questions, BATCH if loaded.device == "cpu" else 8):
        inputs = loaded.tokenizer.apply_chat_template(
            [list(each) for each in some],
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        ).to(loaded.device)
        with torch.inference_mode():
            output = loaded.model.generate(**inputs, do_sample=False, max_new_tokens=most)
        for ids in output[:, inputs["input_ids"].shape[1] :].tolist():
            end = next((number for number, each in enumerate(ids) if each in loaded.stops), None)
            text = loaded.tokenizer.decode(ids[:end], skip_special_tokens=True)
            answers.append((text.strip(), end is None))
    return answers


def answer_limit(examples: Sequence[Example]) -> int:
    """How many tokens an answer may have in an evaluation: some more than the longest expected one."""
    return min(max((len(each.ids) - each.start for each in examples), default=0) + 8, ANSWER_TOKENS)
