"""The arguments of train.py."""

import argparse


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--train", "--test", "--model", "--output"):
        parser.add_argument(name, required=True)
    for name in ("--revision", "--run", "--model-name", "--base-sha256", "--data-sha256"):
        parser.add_argument(name, default="")
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--lr-scheduler-type", default="cosine")
    parser.add_argument("--epochs", type=float, default=3.0)
    for name, default in (
        ("--max-steps", 0),
        ("--batch-size", 4),
        ("--lora-r", 16),
        ("--lora-alpha", 32),
        ("--max-length", 512),
        ("--seed", 0),
        ("--eval-rows", 200),
        ("--save-steps", 100),
    ):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--long", choices=("drop", "cut"), default="drop")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--watch-stdin", action="store_true", help="Stop when stdin ends.")
    return parser.parse_args()
