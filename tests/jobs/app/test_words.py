"""The words of the pages: the same keys in both languages, all of them used, with the same values in them."""

import re
import string
from pathlib import Path

import pytest

from jobs.app import desk
from jobs.app.flow import WORDS
from jobs.app.page import NAVIGATION
from jobs.app.selection import VIEWS
from jobs.app.words import LANGUAGES, Words, choose_language, load_words
from jobs.app.work import LOCAL_COMMANDS, STACK_COMMANDS
from jobs.explore.layout import BY_NEIGHBOURS, PCA
from jobs.explore.twins import KINDS
from jobs.pictures.sample import FEATURES
from jobs.search.searcher import PLACES

APP = Path(desk.__file__).parent
FOUND = re.compile(r"""(?<![\w.])t\(\s*"([\w.-]+)"(?!\s*~)""")


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def sources() -> str:
    return "".join(file.read_text(encoding="utf-8") for file in [*APP.rglob("*.html"), *APP.glob("*.py")])


def made_keys() -> set[str]:
    """The keys that a template puts together."""
    parts = {
        "frame": [name for name, _ in NAVIGATION] + [f"to_{language}" for language in LANGUAGES],
        "flow": [*LOCAL_COMMANDS, *STACK_COMMANDS, *WORDS],
        "explore": VIEWS,
        "twins": KINDS,
        "map": (PCA, BY_NEIGHBOURS),
        "place": PLACES,
        "emotion": list(FEATURES),
    }
    return {f"{prefix}.{part}" for prefix, names in parts.items() for part in names}


def test_both_languages_have_the_same_keys_and_values() -> None:
    english, spanish = (load_words(language) for language in LANGUAGES)
    assert list(english) == list(spanish)
    assert {key: fields(text) for key, text in english.items()} == {key: fields(text) for key, text in spanish.items()}
    assert all(text.strip() for text in (*english.values(), *spanish.values()))


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    keys, text = set(load_words("en")), sources()
    assert set(FOUND.findall(text)) | made_keys() <= keys
    assert not [key for key in keys - made_keys() if f'"{key}"' not in text]


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "es-ES,es;q=0.9,en;q=0.8", "es"),
        (None, "fr, es;q=0.5", "es"),
        (None, "de", "en"),
        ("en", "es", "en"),
        ("xx", "es", "es"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(cookie: str | None, accepted: str, language: str) -> None:
    assert choose_language(cookie, accepted) == language


def test_numbers_and_emotions_are_written_as_the_language_does() -> None:
    assert Words("en").number(28709) == "28,709" and Words("es").number(28709.5, 1) == "28.709,5"
    assert Words("es").emotion("happy") == "alegría" and Words("es").emotion("serious") == "serious"
