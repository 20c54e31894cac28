import pytest

from jobs.pipeline.local_runner.file_names import is_selected, matches_wildcard, sink_name


@pytest.mark.parametrize(
    ("wildcard", "matching"),
    [
        ("*", {"a.jpg", "b.JPG", ".hidden", "a[1].jpg", "a*.jpg", "line\nbreak"}),
        ("*.jpg", {"a.jpg", "a[1].jpg", "a*.jpg"}),
        ("?.jpg", {"a.jpg"}),
        ("a[1].jpg", {"a[1].jpg"}),
        ("a^*.jpg", {"a*.jpg"}),
        ("*^[1].*", {"a[1].jpg"}),
        ("a.jpg", {"a.jpg"}),
        ("a", set()),
    ],
)
def test_wildcards(wildcard: str, matching: set[str]) -> None:
    names = ["a.jpg", "b.JPG", ".hidden", "a[1].jpg", "a*.jpg", "line\nbreak"]
    assert {name for name in names if matches_wildcard(name, wildcard)} == matching


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
