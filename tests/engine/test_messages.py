"""Values and differences as the engine sends them."""

from pulumi.runtime.proto import provider_pb2

from tests.engine.messages import diff_response, differences, plain, secret, struct, token_of
from tests.engine.random_provider import draw_password


def test_values_pass_through_a_struct() -> None:
    values = {"port": 5432, "half": 0.5, "on": True, "names": ["a"], "nothing": None, "hidden": secret("s")}
    assert plain(struct(values)) == {"port": 5432, "half": 0.5, "on": True, "names": ["a"], "hidden": "s"}


def test_the_token_of_a_urn_has_neither_package_nor_version() -> None:
    urn = "urn:pulumi:dev::p::vector-lake:infra:Storage$azure-native:storage/v20240101:StorageAccount::lake"
    assert token_of(urn) == "storage:StorageAccount"


def test_differences_are_named_by_their_paths() -> None:
    old = {"a": 1, "list": [{"x": 1}], "gone": 1, "lengths": [1]}
    new = {"a": 2, "list": [{"x": 2}], "new": 1, "lengths": [1, 2]}
    expected = {"a": "UPDATE", "list[0].x": "UPDATE", "gone": "DELETE", "new": "ADD", "lengths": "UPDATE"}
    assert differences(old, new) == expected


def test_a_change_that_replaces_says_so() -> None:
    answer = diff_response({"location": "UPDATE", "tags.a": "ADD"}, ["location"], True)
    assert (list(answer.replaces), list(answer.diffs)) == (["location"], ["location", "tags"])
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["location"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert diff_response({}, [], True).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_password_has_what_it_was_asked_for() -> None:
    password = draw_password({"length": 12, "minLower": 1, "minNumeric": 8, "minSpecial": 2, "overrideSpecial": "!"})
    assert len(password) == 12 and sum(map(str.isdigit, password)) >= 8 and password.count("!") >= 2
