"""What is to be said, and the formats of audio files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from jobs.errors import ErrorKind, JobError


@dataclass(frozen=True, kw_only=True)
class Speech:
    """`language` is such as es or es-CO; `voice` is the backend's own name, "" for its default of the language."""

    text: str
    voice: str
    language: str
    format: str


@dataclass(frozen=True)
class Spoken:
    """The bytes of an audio file, the voice that was used, and what that cost in US dollars.

    `usd` is None where that is unknown, and `note` says why.
    """

    audio: bytes
    voice: str
    usd: float | None = None
    note: str = ""


Speak: TypeAlias = Callable[[Speech], Spoken]


def choose_format(file: Path, formats: tuple[str, ...], backend: str) -> str:
    """The format that a file's suffix names. Raises JobError for one that the backend does not write."""
    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in formats:
        raise JobError(
            f"{backend} writes {', '.join('.' + each for each in formats)}, not "
            f"{file.suffix or 'a file without suffix'}: name the file so, or choose another --backend.",
            ErrorKind.invalid,
        )
    return suffix
