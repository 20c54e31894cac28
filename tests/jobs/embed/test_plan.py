"""What a run has to do, from the contents of the folder and of the table."""

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


def work(plan: Plan) -> list[tuple[str, int | None, bool]]:
    return [(item.content.picture.filepath, item.row_id, item.copy) for item in plan.work]


def renamed(plan: Plan) -> list[tuple[int, str]]:
    return [(id, content.picture.filepath) for id, content in plan.renamed]


def test_new_pictures_and_copies_among_them() -> None:
    plan = planned({"a/1": "x", "a/2": "y", "b/1": "x"}, [])
    assert work(plan) == [("a/1", None, False), ("a/2", None, False), ("b/1", None, True)]


def test_unchanged_changed_and_deleted() -> None:
    plan = planned({"a/1": "x", "a/2": "new"}, [row(1, "a/1", "x"), row(2, "a/2", "old"), row(3, "a/3", "z")])
    assert (plan.unchanged, work(plan), plan.deleted) == ([1], [("a/2", 2, False)], [3])


def test_a_renamed_picture_keeps_its_row() -> None:
    plan = planned({"b/9": "x"}, [row(1, "a/1", "x")])
    assert (renamed(plan), plan.work, plan.deleted) == ([(1, "b/9")], [], [])


def test_two_pictures_that_swap_names_are_both_renamed() -> None:
    plan = planned({"a/1": "y", "a/2": "x"}, [row(1, "a/1", "x"), row(2, "a/2", "y")])
    assert sorted(renamed(plan)) == [(1, "a/2"), (2, "a/1")]
    assert plan.work == []


def test_a_copy_of_a_changed_pictures_old_content_is_a_rename() -> None:
    plan = planned({"a/1": "new", "a/2": "x"}, [row(1, "a/1", "x")])
    assert renamed(plan) == [(1, "a/2")]
    assert work(plan) == [("a/1", None, False)]


def test_one_of_two_copies_deleted() -> None:
    plan = planned({"a/2": "x"}, [row(1, "a/1", "x"), row(2, "a/2", "x")])
    assert (plan.unchanged, plan.renamed, plan.deleted) == ([2], [], [1])


def test_pictures_beyond_the_limit_are_neither_renamed_nor_deleted() -> None:
    plan = planned({"a/1": "x"}, [row(5, "b/1", "x")], present={"a/1", "b/1"})
    assert (plan.renamed, plan.deleted) == ([], [])
    assert work(plan) == [("a/1", None, False)]


def test_rows_of_another_folder_stay_and_their_vectors_are_copied() -> None:
    plan = planned({"a/1": "x"}, [row(1, "z/1", "x", "/other"), row(2, "z/2", "y", "/other")])
    assert (work(plan), plan.deleted) == ([("a/1", None, True)], [])


def test_a_moved_folder_keeps_its_rows() -> None:
    plan = planned({"a/1": "x"}, [row(1, "a/1", "x", "/before")])
    assert (plan.reassigned, plan.work, plan.deleted) == ([1], [], [])


def test_another_folders_row_with_the_same_path_gets_the_new_content() -> None:
    plan = planned({"a/1": "y"}, [row(1, "a/1", "x", "/other")])
    assert work(plan) == [("a/1", 1, False)]


def test_a_row_of_another_program_is_embedded_again_and_never_deleted() -> None:
    plan = planned({"a/1": "x"}, [row(1, "a/1", None, None), row(2, "a/2", None, None)])
    assert (work(plan), plan.deleted) == ([("a/1", 1, False)], [])


OLD, NEW = FileStat(1, 2, 3), FileStat(1, 2, 4)


def test_only_the_recorded_stat_gives_a_cached_hash() -> None:
    rows = [Row(1, "a/1", FOLDER, b"x", b"m", OLD), Row(2, "a/2", FOLDER, b"y", b"m", None)]
    rows.append(Row(3, "a/3", "/other", b"z", b"m", OLD))
    cache = HashCache(rows, FOLDER)
    first = Picture("a/1", "/faces/a/1", OLD)
    assert cache.content(first) == Content(first, b"x", b"m")
    assert cache.content(Picture("a/1", "/faces/a/1", NEW)) is None
    assert cache.content(Picture("a/1", "/faces/a/1", None)) is None
    assert cache.content(Picture("a/2", "/faces/a/2", None)) is None
    assert cache.content(Picture("a/3", "/faces/a/3", OLD)) is None


def test_a_folder_is_unchanged_only_with_every_stat_and_no_racy_file() -> None:
    pictures = [Picture("a/1", "", OLD), Picture("a/2", "", NEW)]
    assert is_unchanged(pictures, {"a/1": (1, 2, 3), "a/2": (1, 2, 4)})
    assert not is_unchanged(pictures, {"a/1": (1, 2, 3), "a/2": (1, 2, 3)})
    assert not is_unchanged(pictures, {"a/1": (1, 2, 3)})
    assert not is_unchanged(pictures[:1], {"a/1": (1, 2, 3), "a/2": (1, 2, 4)})
    assert not is_unchanged([Picture("a/1", "", None)], {"a/1": None})


def test_changed_stats_are_recorded_for_rows_that_keep_their_vector() -> None:
    files = [Content(Picture("a/1", "", NEW), b"x", b""), Content(Picture("b/2", "", NEW), b"y", b"")]
    files.append(Content(Picture("c/3", "", None), b"z", b""))
    rows = [Row(1, "a/1", FOLDER, b"x", b"", OLD), Row(2, "a/2", FOLDER, b"y", b"", OLD)]
    rows.append(Row(3, "c/3", FOLDER, b"z", b"", OLD))
    plan = make_plan(files, rows, FOLDER, {"a/1", "b/2", "c/3"})
    assert sorted(plan.stat_changed) == [(1, NEW), (2, NEW)]
