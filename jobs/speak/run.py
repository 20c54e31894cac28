"""speak: say a text into a file, written whole or not at all."""

import time
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.speak.speech import Speak, Speech
from jobs.state import atomic_file


@dataclass(frozen=True, kw_only=True)
class SpeakResult:
    """`usd` is None where no price is known, and `note` says why."""

    file: str
    backend: str
    voice: str
    format: str
    bytes: int
    characters: int
    seconds: float
    usd: float | None = None
    note: str = ""

    def summary(self) -> str:
        size = f"{self.bytes:,} bytes, {self.characters:,} characters"
        price = f", {self.usd:.6f} USD" if self.usd else ""
        line = f"{self.file}: {size}, the voice {self.voice} of {self.backend}{price}"
        return f"{line}\n{self.note}" if self.note else line


def speak_to_file(backend: str, speak: Speak, speech: Speech, file: Path, force: bool) -> SpeakResult:
    """Raises JobError where the file exists, unless `force`, and where nothing was said."""
    if file.exists() and not force:
        raise JobError(f"{file} exists: add --force to replace it, or name another file.", ErrorKind.conflict)
    started = time.perf_counter()
    spoken = speak(speech)
    if not spoken.audio:
        raise JobError(f"{backend} said nothing: write a text with words.", ErrorKind.failed)
    with atomic_file(file) as new:
        new.write_bytes(spoken.audio)
    return SpeakResult(
        file=str(file),
        backend=backend,
        voice=spoken.voice,
        format=speech.format,
        bytes=len(spoken.audio),
        characters=len(speech.text),
        seconds=round(time.perf_counter() - started, 3),
        usd=spoken.usd,
        note=spoken.note,
    )
