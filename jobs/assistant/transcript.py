"""Keep a conversation as a Markdown file: the questions, the answers, and their sources."""

from collections.abc import Sequence
from pathlib import Path

from jobs.assistant.answer import Answer
from jobs.state import write_atomically


def write_transcript(file: Path, answers: Sequence[Answer]) -> None:
    """Replace the file by the whole conversation."""
    parts = []
    for answer in answers:
        footer = "\n".join(f"- {line.strip()}" for line in answer.footer())
        parts.append(f"## {answer.question.strip()}\n\n{answer.answer.strip()}\n\n{footer}".rstrip())
    write_atomically(file, "\n\n".join(parts) + "\n")
