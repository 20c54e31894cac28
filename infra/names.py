"""What Azure allows as a name, and names built within it. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """The names that one kind of resource may have; `joint` stands between a name and its suffix."""

    pattern: str
    shortest: int
    longest: int
    letters: str
    joint: str = "-"

    def __str__(self) -> str:
        return f"{self.shortest} to {self.longest} {self.letters}"


GROUP = Rule(r"[\w.()-]*[\w()-]", 1, 90, "letters, digits and any of . _ - ( ), no full stop at the end")
STORAGE_ACCOUNT = Rule(r"[a-z0-9]+", 3, 24, "lower-case letters and digits", joint="")
SERVER = Rule(r"[a-z0-9]+(-[a-z0-9]+)*", 3, 63, "lower-case letters, digits and single hyphens between them")
VAULT = Rule(
    r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*", 3, 24, "letters, digits and single hyphens between them, a letter first"
)
FACTORY = Rule(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", 3, 63, "letters, digits and single hyphens between them")
# Account and host name are the same, and a host name has no capitals.
FOUNDRY = Rule(r"[a-z0-9]+(-[a-z0-9]+)*", 3, 63, "lower-case letters, digits and single hyphens between them")
SEARCH = Rule(
    r"[a-z0-9]{2,}(-[a-z0-9]+)*",
    3,
    60,
    "lower-case letters, digits and single hyphens between them, none of the first two",
)


def full_name(rule: Rule, base: str, suffix: str = "") -> str:
    """`base` and `suffix` as one name.

    Raises ValueError, which says what is allowed. A name is never cut to length: without the end of its suffix it
    would be the name of another stack.
    """
    name = f"{base}{rule.joint}{suffix}" if suffix else base
    fits = rule.shortest <= len(name) <= rule.longest and re.fullmatch(rule.pattern, name, re.ASCII)
    if not fits:
        raise ValueError(f"{name!r} has {len(name)} characters, allowed are {rule}")
    return name
