"""WAV files: 16-bit samples, joined without a gap."""

import io
import wave
from collections.abc import Iterable


def build_wav(samples: bytes, rate: int) -> bytes:
    """A WAV file of one channel."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return stream.getvalue()


def join_wavs(parts: Iterable[bytes]) -> bytes:
    """One WAV file of several of the same rate."""
    samples, rate = b"", 0
    for part in parts:
        with wave.open(io.BytesIO(part), "rb") as file:
            rate = file.getframerate()
            samples += file.readframes(file.getnframes())
    return build_wav(samples, rate)
