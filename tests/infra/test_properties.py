"""Any input for a name or a setting gives a legal Azure name, or one sentence that says what is allowed."""

import json
import re

import pulumi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra import names
from tests.infra.configuration import OFFERED, load

# The same examples every time, on any machine.
settings.register_profile("project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

RULES = {
    "resourceGroup": (names.GROUP, r"[\w.()-]{1,90}"),
    "picturesAccount": (names.STORAGE_ACCOUNT, r"[a-z0-9]{3,24}"),
    "postgresServer": (names.SERVER, r"(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?"),
    "vault": (names.VAULT, r"(?=.{3,24}$)[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?"),
    "factory": (names.FACTORY, r"(?=.{3,63}$)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"),
    "foundryAccount": (names.FOUNDRY, r"(?=.{2,64}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?"),
    "mlWorkspace": (names.LEARNING, r"(?=.{3,33}$)[a-zA-Z0-9][\w-]*"),
    "mlRegistry": (names.REGISTRY, r"[a-zA-Z0-9]{5,50}"),
    "searchService": (names.SEARCH, r"(?=.{2,60}$)(?!.*--)[a-z0-9]{2}([a-z0-9-]*[a-z0-9])?"),
}
typed = st.text(max_size=70) | st.from_regex(r"[a-z0-9.-]{0,70}", fullmatch=True)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(RULES)), typed, st.from_regex(r"[a-z0-9]{0,10}", fullmatch=True))
def test_a_name_is_legal_or_refused_with_what_is_allowed(key: str, base: str, suffix: str) -> None:
    rule, azure = RULES[key]
    try:
        name = names.build_name(rule, base, suffix)
    except ValueError as error:
        assert "it must have" in str(error)
    else:
        assert re.fullmatch(azure, name, re.ASCII) and name.endswith(suffix)


@given(st.from_regex(r"[a-z0-9]{0,10}", fullmatch=True))
@settings(max_examples=25)
def test_every_default_is_legal_with_every_suffix(suffix: str) -> None:
    for key, (rule, azure) in RULES.items():
        name = names.build_name(rule, OFFERED[key]["default"], "" if key == "resourceGroup" else suffix)
        assert re.fullmatch(azure, name, re.ASCII)


@given(st.sampled_from(sorted(OFFERED)), anything)
@settings(max_examples=150)
def test_any_value_of_any_setting_loads_or_is_one_sentence(key: str, value: object) -> None:
    try:
        load({key: value})
    except pulumi.RunError as error:
        text = value if isinstance(value, str) else json.dumps(value)
        assert f"vector-lake:{key}" in str(error)
        assert repr(text) in str(error)
