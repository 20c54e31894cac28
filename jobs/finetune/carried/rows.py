"""The rows of a file as examples of a model's tokens, and how well a model answers them."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conversations import ConversationError, read_conversations, split_turns
from events import write_json
from generate import Example, Loaded, answer_limit, answer_loss, answer_questions, encode


class Rows:
    """The turns to learn from or to ask, those that fit; and the rows that were left out, each with its reason."""

    def __init__(self, file: Path, loaded: Loaded, options: argparse.Namespace) -> None:
        self.turns: list[tuple[Any, Any]] = []
        self.examples: list[Example] = []
        self.dropped: list[dict[str, Any]] = []
        for line, messages in enumerate(read_conversations(file), 1):
            turns = list(split_turns(messages))
            examples = [encode(loaded.tokenizer, *turn) for turn in turns]
            fits = [len(each.ids) <= options.max_length for each in examples]
            kept = [number for number, each in enumerate(fits) if each] if all(fits) or options.long == "cut" else []
            if not all(fits):
                longest = max(len(each.ids) for each in examples)
                did = f"cut to {len(kept)} of its {len(turns)} answers" if kept else "dropped"
                reason = f"{longest} tokens, more than --max-length {options.max_length}: {did}"
                self.dropped.append({"file": file.name, "line": line, "reason": reason})
            self.turns += [turns[number] for number in kept]
            self.examples += [examples[number] for number in kept]


def check_rows(train: Rows, test: Rows) -> None:
    """Raise ConversationError where too few rows fit."""
    for name, rows in (("train", train), ("test", test)):
        if len(rows.turns) < 2:
            raise ConversationError(
                f"Only {len(rows.turns)} answers of the {name} rows can be used, and two are the least: "
                + (rows.dropped[0]["reason"] + "; raise --max-length." if rows.dropped else "add rows.")
            )


def measure(loaded: Loaded, test: Rows, asked: list[tuple[Any, Any]]) -> dict[str, Any]:
    """`loss` on all held-out answers; the `answers` to what is asked, and the share of them that is `exact`."""
    loss = answer_loss(loaded, test.examples)
    found = answer_questions(loaded, [prompt for prompt, _ in asked], answer_limit(test.examples))
    answers = [text for text, _ in found]
    right = sum(text == turn["content"].strip() for text, (_, turn) in zip(answers, asked, strict=True))
    return {"loss": loss, "exact": right / len(asked), "answers": answers}


def read_before(file: Path, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The base's figures: measured once, for a run that goes on has them already."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        before = measure()
        write_json(file, before)
        return before


def write_answers(file: Path, asked: list[tuple[Any, Any]], before: list[str], after: list[str]) -> None:
    """A line for each question: its messages, what was expected, and both answers."""
    rows = [
        {"messages": prompt, "expected": turn["content"].strip(), "before": one, "after": two}
        for (prompt, turn), one, two in zip(asked, before, after, strict=True)
    ]
    file.write_text("".join(f"{json.dumps(each)}\n" for each in rows), encoding="utf-8")
