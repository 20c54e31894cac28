"""What a run has to do, from folder and table."""

from pathlib import Path

from jobs.embed.plan import HashCache, Plan, Row, is_unchanged, make_plan
from jobs.pictures.read import Content
from jobs.pictures.scan import FileStat, Picture

FOLDER = "/faces"


def content(path: str, data: str) -> Content:
    return Content(Picture(path, Path(path)), data.encode(), b"")


def row(id: int, path: str, data: str | None, folder: str | None = FOLDER) -> Row:
    return Row(id, path, folder, data.encode() if data else None)


def planned(files: dict[str, str], rows: list[Row], present: set[str] | None = None) -> Plan:
    contents = [content(path, data) for path, data in sorted(files.items())]
    return make_plan(contents, rows, FOLDER, set(files) if present is None else present)


def work(made: Plan) -> list[tuple[str, int | None, bool]]:
    return [(item.content.picture.filepath, item.row_id, item.copy) for item in made.work]


def renamed(made: Plan) -> list[tuple[int, str]]:
    return [(id, content.picture.filepath) for id, content in made.renamed]


def test_new_pictures_and_copies_among_them() -> None:
    made = planned({"a/1": "x", "a/2": "y", "b/1": "x"}, [])
    assert work(made) == [("a/1", None, False), ("a/2", None, False), ("b/1", None, True)]


def test_unchanged_changed_and_deleted() -> None:
    made = planned({"a/1": "x", "a/2": "new"}, [row(1, "a/1", "x"), row(2, "a/2", "old"), row(3, "a/3", "z")])
    assert (made.unchanged, work(made), made.deleted) == ([1], [("a/2", 2, False)], [3])


def test_a_renamed_picture_keeps_its_row() -> None:
    made = planned({"b/9": "x"}, [row(1, "a/1", "x")])
    assert (renamed(made), made.work, made.deleted) == ([(1, "b/9")], [], [])


def test_two_pictures_that_swap_names_are_both_renamed() -> None:
    made = planned({"a/1": "y", "a/2": "x"}, [row(1, "a/1", "x"), row(2, "a/2", "y")])
    assert sorted(renamed(made)) == [(1, "a/2"), (2, "a/1")]
    assert made.work == []


def test_a_copy_of_a_changed_pictures_old_content_is_a_rename() -> None:
    made = planned({"a/1": "new", "a/2": "x"}, [row(1, "a/1", "x")])
    assert renamed(made) == [(1, "a/2")]
    assert work(made) == [("a/1", None, False)]


def test_one_of_two_copies_deleted() -> None:
    made = planned({"a/2": "x"}, [row(1, "a/1", "x"), row(2, "a/2", "x")])
    assert (made.unchanged, made.renamed, made.deleted) == ([2], [], [1])


def test_pictures_not_looked_at_are_neither_renamed_nor_gone() -> None:
    made = planned({"a/1": "x"}, [row(5, "b/1", "x")], present={"a/1", "b/1"})
    assert (made.renamed, made.deleted) == ([], [])
    assert work(made) == [("a/1", None, False)]


def test_rows_of_another_folder_stay_and_lend_their_vectors() -> None:
    made = planned({"a/1": "x"}, [row(1, "z/1", "x", "/other"), row(2, "z/2", "y", "/other")])
    assert (work(made), made.deleted) == ([("a/1", None, True)], [])


def test_a_folder_that_moved_takes_its_rows_along() -> None:
    made = planned({"a/1": "x"}, [row(1, "a/1", "x", "/before")])
    assert (made.reassigned, made.work, made.deleted) == ([1], [], [])


def test_another_folders_path_with_other_content_is_taken_over() -> None:
    made = planned({"a/1": "y"}, [row(1, "a/1", "x", "/other")])
    assert work(made) == [("a/1", 1, False)]


def test_a_row_that_somebody_else_wrote_is_embedded_anew_and_never_deleted() -> None:
    made = planned({"a/1": "x"}, [row(1, "a/1", None, None), row(2, "a/2", None, None)])
    assert (work(made), made.deleted) == ([("a/1", 1, False)], [])


OLD, NEW = FileStat(1, 2, 3), FileStat(1, 2, 4)


def test_only_a_trusted_stamp_says_what_a_file_holds() -> None:
    rows = [Row(1, "a/1", FOLDER, b"x", b"m", OLD), Row(2, "a/2", FOLDER, b"y", b"m", None)]
    rows.append(Row(3, "a/3", "/other", b"z", b"m", OLD))
    memory = HashCache(rows, FOLDER)
    first = Picture("a/1", "/faces/a/1", OLD)
    assert memory.content(first) == Content(first, b"x", b"m")
    assert memory.content(Picture("a/1", "/faces/a/1", NEW)) is None
    assert memory.content(Picture("a/1", "/faces/a/1", None)) is None
    assert memory.content(Picture("a/2", "/faces/a/2", None)) is None
    assert memory.content(Picture("a/3", "/faces/a/3", OLD)) is None


def test_a_folder_is_as_it_was_only_with_every_file_and_no_doubt() -> None:
    pictures = [Picture("a/1", "", OLD), Picture("a/2", "", NEW)]
    assert is_unchanged(pictures, {"a/1": (1, 2, 3), "a/2": (1, 2, 4)})
    assert not is_unchanged(pictures, {"a/1": (1, 2, 3), "a/2": (1, 2, 3)})
    assert not is_unchanged(pictures, {"a/1": (1, 2, 3)})
    assert not is_unchanged(pictures[:1], {"a/1": (1, 2, 3), "a/2": (1, 2, 4)})
    assert not is_unchanged([Picture("a/1", "", None)], {"a/1": None})


def test_new_stamps_are_kept_with_rows_that_keep_their_vector() -> None:
    files = [Content(Picture("a/1", "", NEW), b"x", b""), Content(Picture("b/2", "", NEW), b"y", b"")]
    files.append(Content(Picture("c/3", "", None), b"z", b""))
    rows = [Row(1, "a/1", FOLDER, b"x", b"", OLD), Row(2, "a/2", FOLDER, b"y", b"", OLD)]
    rows.append(Row(3, "c/3", FOLDER, b"z", b"", OLD))
    made = make_plan(files, rows, FOLDER, {"a/1", "b/2", "c/3"})
    assert sorted(made.stat_changed) == [(1, NEW), (2, NEW)]
