"""The words of the pages, in English and Spanish: one JSON file a language, with the same keys."""

import json
from functools import cache
from pathlib import Path

from jobs.lines import escape_name

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", "es")
COOKIE = "language"


@cache
def load_words(language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return words


class Words:
    """The words of one language. Templates call it: `t("search.k", most=100)`."""

    def __init__(self, language: str) -> None:
        self.language, self._words = language, load_words(language)

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values. A number is written as the language writes it."""
        return self._words[key].format(**{name: self.number(value) for name, value in values.items()})

    def number(self, value: object, digits: int | None = None) -> str:
        """A number as people read it, such as 28,709 or 0.021; anything else as it is."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        text = f"{value:,}" if digits is None else f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "es" else text

    def milliseconds(self, seconds: float) -> str:
        """A time in milliseconds: below 10 with one decimal."""
        return self.number(1000 * seconds, 0 if seconds >= 0.00995 else 1)

    def emotion(self, name: str) -> str:
        """FER2013's emotions in the language, others as they are."""
        return self._words.get(f"emotion.{name}", escape_name(name))

    def place(self, name: str) -> str:
        return self._words[f"place.{name}"]


def choose_language(cookie: str | None, accepted: str) -> str:
    """The language that was chosen, else the first of the browser's that there is, else English.

    https://www.rfc-editor.org/rfc/rfc9110#name-accept-language: browsers list them in their order.
    """
    if cookie in LANGUAGES:
        return str(cookie)
    wanted = [each.strip()[:2].lower() for each in accepted.split(",")]
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])
