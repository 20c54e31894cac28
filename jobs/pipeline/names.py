"""Names in Data Factory. Neither its documents nor its expressions distinguish letter case.

https://learn.microsoft.com/azure/data-factory/naming-rules
"""

import re
from collections.abc import Collection

FORBIDDEN_CHARACTERS = ".+?/<>*%&:\\"


def find_name(name: str, names: Collection[str]) -> str | None:
    """The one of `names` that Data Factory takes for `name`; of several, the one with the same letter case."""
    fitting = [each for each in names if each.casefold() == name.casefold()]
    return name if name in fitting else next(iter(fitting), None)


def repeated_names(names: Collection[str]) -> list[str]:
    """The names that Data Factory takes for another one of them."""
    folded = [name.casefold() for name in names]
    return [name for name in names if folded.count(name.casefold()) > 1]


def describe_wrong_name(name: str, *, loose: bool) -> str | None:
    """What is wrong with the name of a document or an activity; None where Data Factory takes it.

    `loose` is for pipelines, triggers and activities: their names may have dashes, and begin with a digit or _.
    """
    forbidden, start = (FORBIDDEN_CHARACTERS, r"\w") if loose else (FORBIDDEN_CHARACTERS + "-", r"[^\W\d_]")
    if not re.match(start, name):
        return "begin it with a letter" + (", a digit or _" if loose else "")
    if found := [each for each in name if each in forbidden]:
        return f"write it without {' '.join(dict.fromkeys(found))}"
    return None
