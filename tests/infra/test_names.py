"""Names: the lengths and characters that Azure allows, with any suffix."""

import pytest

from infra import names

RULES = [
    *(names.GROUP, names.STORAGE_ACCOUNT, names.SERVER, names.VAULT, names.FACTORY, names.SEARCH, names.WORKSPACE),
    *(names.LEARNING, names.REGISTRY),
]


@pytest.mark.parametrize(
    ("rule", "base", "suffix", "name"),
    [
        (names.STORAGE_ACCOUNT, "stfer", "x1", "stferx1"),
        (names.SERVER, "psql-fer", "x1", "psql-fer-x1"),
        (names.VAULT, "kv-Fer", "x1", "kv-Fer-x1"),
        (names.FACTORY, "7-adf", "", "7-adf"),
        (names.GROUP, "Rg_(fer).x", "", "Rg_(fer).x"),
    ],
)
def test_suffix_is_appended_with_the_separator(rule: names.NameRule, base: str, suffix: str, name: str) -> None:
    assert names.build_name(rule, base, suffix) == name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.allowed)
def test_names_of_minimum_and_maximum_length_are_allowed(rule: names.NameRule) -> None:
    for length in (rule.min_length, rule.max_length):
        assert len(names.build_name(rule, "a" * length)) == length
    for length in (rule.min_length - 1, rule.max_length + 1):
        with pytest.raises(ValueError, match=f"{length} characters: .*{rule.min_length} to {rule.max_length}"):
            names.build_name(rule, "a" * length)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.allowed)
def test_a_long_suffix_is_refused_and_never_truncated(rule: names.NameRule) -> None:
    room = rule.max_length - len("abc") - len(rule.separator)
    assert names.build_name(rule, "abc", "z" * room).endswith("z" * room)
    with pytest.raises(ValueError, match=f"abc{rule.separator}{'z' * (room + 1)}"):
        names.build_name(rule, "abc", "z" * (room + 1))


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (names.STORAGE_ACCOUNT, "st-fer"),
        (names.STORAGE_ACCOUNT, "stFer"),
        (names.STORAGE_ACCOUNT, "stfér"),
        (names.STORAGE_ACCOUNT, "stfer\n"),
        (names.SERVER, "Psql"),
        (names.SERVER, "-psql"),
        (names.SERVER, "psql-"),
        (names.SERVER, "psql_fer"),
        (names.VAULT, "1kv"),
        (names.VAULT, "kv--fer"),
        (names.VAULT, "kv-fer-"),
        (names.FACTORY, "adf_fer"),
        (names.FACTORY, "adf-"),
        (names.SEARCH, "srch--fer"),
        (names.SEARCH, "srch-"),
        (names.SEARCH, "s-rch"),
        (names.GROUP, "rg."),
        (names.GROUP, "rg fer"),
    ],
)
def test_characters_that_azure_refuses_are_refused(rule: names.NameRule, bad: str) -> None:
    with pytest.raises(ValueError, match="it must have"):
        names.build_name(rule, bad)
