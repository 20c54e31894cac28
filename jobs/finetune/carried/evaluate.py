"""Ask a model held-out questions: python evaluate.py --model FOLDER --test FILE --output FILE (of the result)."""

import argparse
import json
import sys
import time
from pathlib import Path

from conversations import ConversationError, read_conversations, split_turns
from generate import UnusableModelError, answer_limit, answer_loss, answer_questions, encode, load_model, pick_device


def main() -> int:
    options = parse_options()
    try:
        loaded = load_model(options.model, options.revision, pick_device(options.device))
        turns = [turn for each in read_conversations(Path(options.test)) for turn in split_turns(each)]
    except (ConversationError, UnusableModelError) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    examples = [encode(loaded.tokenizer, prompt, answer) for prompt, answer in turns]
    fitting = [each for each in examples if len(each.ids) <= options.max_length]
    started = time.monotonic()
    loss = answer_loss(loaded, fitting)
    asked = turns[: options.rows]
    answers = answer_questions(loaded, [prompt for prompt, _ in asked], answer_limit(examples)) if asked else []
    rows = [
        {"messages": prompt, "expected": expected["content"].strip(), "answer": text, "cut_off": cut}
        for (prompt, expected), (text, cut) in zip(asked, answers, strict=True)
    ]
    result = {"loss": loss, "rows": rows, "seconds": round(time.monotonic() - started, 3), "device": loaded.device}
    Path(options.output).write_text(json.dumps(result), encoding="utf-8")
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--model", "--test", "--output"):
        parser.add_argument(name, required=True)
    parser.add_argument("--revision", default="")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
