"""Azure's rules for resource names, and names built by them. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class NameRule:
    """The names that one resource type allows.

    `pattern` matches the whole name, `allowed` describes its characters, and `separator` goes before the suffix.
    """

    pattern: str
    min_length: int
    max_length: int
    allowed: str
    separator: str = "-"

    def __str__(self) -> str:
        """Return what is allowed, for an error message."""
        return f"{self.min_length} to {self.max_length} {self.allowed}"


GROUP = NameRule(r"[\w.()-]*[\w()-]", 1, 90, "letters, digits and any of . _ - ( ), no full stop at the end")
STORAGE_ACCOUNT = NameRule(r"[a-z0-9]+", 3, 24, "lower-case letters and digits", separator="")
SERVER = NameRule(r"[a-z0-9]+(-[a-z0-9]+)*", 3, 63, "lower-case letters, digits and single hyphens between them")
VAULT = NameRule(
    r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*", 3, 24, "letters, digits and single hyphens between them, a letter first"
)
FACTORY = NameRule(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", 3, 63, "letters, digits and single hyphens between them")
# The account's name is also its host name, which has no capitals.
FOUNDRY = NameRule(r"[a-z0-9]+(-[a-z0-9]+)*", 3, 63, "lower-case letters, digits and single hyphens between them")
WORKSPACE = NameRule(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", 4, 63, "letters, digits and single hyphens between them")
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
LEARNING = NameRule(
    r"[A-Za-z0-9][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*", 3, 33, "letters, digits, underscores and single hyphens between them"
)
REGISTRY = NameRule(r"[A-Za-z0-9]+", 5, 50, "letters and digits", separator="")
SEARCH = NameRule(
    r"[a-z0-9]{2,}(-[a-z0-9]+)*",
    3,
    60,
    "lower-case letters, digits and single hyphens between them, none of the first two",
)


def build_name(rule: NameRule, base: str, suffix: str = "") -> str:
    """Return `base` and `suffix` as one name.

    Raises ValueError, which says what is allowed. A name is never truncated: without the end of its suffix it would
    be the name of another stack.
    """
    name = f"{base}{rule.separator}{suffix}" if suffix else base
    allowed = rule.min_length <= len(name) <= rule.max_length and re.fullmatch(rule.pattern, name, re.ASCII)
    if not allowed:
        raise ValueError(f"{name!r} has {len(name)} characters: it must have {rule}")
    return name
