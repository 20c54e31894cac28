import pytest

from jobs.pipeline.local_runner.file_names import is_selected, is_wildcard, matches_wildcard, sink_name


@pytest.mark.parametrize(
    ("wildcard", "matching"),
    [
        ("*", {"a.jpg", "b.JPG", ".hidden", "a[1].jpg", "a*.jpg", "line\nbreak"}),
        ("*.jpg", {"a.jpg", "a[1].jpg", "a*.jpg"}),
        ("?.jpg", {"a.jpg"}),
        ("a.jpg?", {"a.jpg"}),
        ("??.jpg", {"a.jpg", "a*.jpg"}),
        ("a???.jpg", {"a.jpg", "a[1].jpg", "a*.jpg"}),
        ("?*?.JPG", {"b.JPG"}),
        ("a.?pg", {"a.jpg"}),
        ("a[1].jpg", {"a[1].jpg"}),
        ("a^*.jpg", {"a*.jpg"}),
        ("*[1].*", {"a[1].jpg"}),
        ("^?.jpg", set()),
        ("^^.jpg", set()),
        ("a.jpg", {"a.jpg"}),
        ("a", set()),
    ],
)
def test_wildcards(wildcard: str, matching: set[str]) -> None:
    names = ["a.jpg", "b.JPG", ".hidden", "a[1].jpg", "a*.jpg", "line\nbreak"]
    assert {name for name in names if matches_wildcard(name, wildcard)} == matching


@pytest.mark.parametrize(
    ("name", "wildcard", "matches"),
    [
        ("a.jpg", "?a.jpg", True),
        ("ba.jpg", "?a.jpg", True),
        ("cba.jpg", "?a.jpg", False),
        ("20180427.txt", "???20180427.txt", True),
        ("abc20180427.txt", "???20180427.txt", True),
        ("abcd20180427.txt", "???20180427.txt", False),
        ("a?.jpg", "a^?.jpg", True),
        ("ab.jpg", "a^?.jpg", False),
        ("a^.jpg", "a^^.jpg", True),
        ("a.jpg", "a^^.jpg", False),
        ("A.jpg", "a.jpg", False),
        ("a+.jpg", "a+.jpg", True),
        ("aa.jpg", "a+.jpg", False),
    ],
)
def test_a_question_mark_is_one_character_or_none(name: str, wildcard: str, matches: bool) -> None:
    assert matches_wildcard(name, wildcard) is matches


def test_no_wildcard_takes_long() -> None:
    assert not matches_wildcard("a" * 200, "?a" * 60 + "b")
    assert not matches_wildcard("a" * 200, "*a" * 20 + "b")
    assert not matches_wildcard("a" * 200, "?*" * 100 + "b")
    assert not matches_wildcard("a" * 200, "?" * 200 + "b")


@pytest.mark.parametrize("wildcard", ["", "a/b", "^", "a^", "^a", "^[1]", 3, None])
def test_what_is_not_a_wildcard(wildcard: object) -> None:
    assert not is_wildcard(wildcard)


@pytest.mark.parametrize("wildcard", ["*", "?.jpg", "^*", "^^^?", "[1]", "ñ *"])
def test_what_is_a_wildcard(wildcard: str) -> None:
    assert is_wildcard(wildcard)


def test_which_files_are_selected() -> None:
    names = ["a.jpg", "happy/b.jpg", "happy/deep/c.png", "happy/", ""]
    assert [name for name in names if is_selected(name, True, None)] == ["a.jpg", "happy/b.jpg", "happy/deep/c.png"]
    assert [name for name in names if is_selected(name, False, None)] == ["a.jpg"]
    assert [name for name in names if is_selected(name, True, "*.jpg")] == ["a.jpg", "happy/b.jpg"]
    assert [name for name in names if is_selected(name, True, "happy*")] == []


def test_paths_are_kept() -> None:
    assert sink_name("train/happy/a.jpg", "happy/a.jpg", flat=False) == "happy/a.jpg"


def test_flat_names_differ_and_do_not_change() -> None:
    paths = ["train/happy/a.jpg", "train/sad/a.jpg", "train/sad/a"]
    names = [sink_name(path, "", flat=True) for path in paths]
    assert len({*names}) == 3
    assert names == [sink_name(path, "", flat=True) for path in paths]
    assert [name.rpartition(".")[2] for name in names[:2]] == ["jpg", "jpg"]
    assert not any("/" in name for name in names)
