"""speak --voices: the voices of a language."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VoiceList:
    language: str
    voices: list[str]

    def summary(self) -> str:
        return "\n".join(self.voices) or f"Azure Speech has no voice of {self.language}."
