"""Names: Azure's lengths and letters, whatever the suffix."""

import pytest

from infra import names

RULES = [names.GROUP, names.STORAGE_ACCOUNT, names.SERVER, names.VAULT, names.FACTORY, names.SEARCH]


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
def test_suffix_is_joined_as_the_kind_allows(rule: names.Rule, base: str, suffix: str, name: str) -> None:
    assert names.full_name(rule, base, suffix) == name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.letters)
def test_longest_and_shortest_are_allowed_and_nothing_beyond(rule: names.Rule) -> None:
    for length in (rule.shortest, rule.longest):
        assert len(names.full_name(rule, "a" * length)) == length
    for length in (rule.shortest - 1, rule.longest + 1):
        with pytest.raises(ValueError, match=f"{length} characters.*{rule.shortest} to {rule.longest}"):
            names.full_name(rule, "a" * length)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.letters)
def test_a_long_suffix_is_refused_and_never_cut(rule: names.Rule) -> None:
    room = rule.longest - len("abc") - len(rule.joint)
    assert names.full_name(rule, "abc", "z" * room).endswith("z" * room)
    with pytest.raises(ValueError, match=f"abc{rule.joint}{'z' * (room + 1)}"):
        names.full_name(rule, "abc", "z" * (room + 1))


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
def test_letters_that_azure_refuses_are_refused(rule: names.Rule, bad: str) -> None:
    with pytest.raises(ValueError, match="allowed are"):
        names.full_name(rule, bad)
