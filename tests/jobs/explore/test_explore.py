"""What is planted is found: relabelled pictures, copies, near copies; and every figure is numpy's."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.explore.confusion import count_confusion
from jobs.explore.exploration import explore_vectors
from jobs.explore.kept import keep_neighbours, kept_folder
from jobs.explore.layout import lay_out_by_neighbours, lay_out_by_pca
from jobs.explore.neighbours import NEIGHBOURS, find_neighbours
from jobs.explore.suspects import hold_vote, list_suspects
from jobs.explore.twins import find_twins
from tests.jobs.cli_process import run_jobs
from tests.jobs.explore.planted import EACH, EMOTIONS, build, make_collection


def test_neighbours_are_those_of_numpy_without_the_picture_itself() -> None:
    vectors = make_collection().vectors
    found = find_neighbours(vectors)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    order = np.argsort(-cosines, axis=1)[:, :NEIGHBOURS]
    assert (found.positions == order).all()
    assert np.allclose(found.distances, 1 - np.take_along_axis(cosines, order, axis=1), atol=1e-5)


def test_twenty_copies_do_not_push_the_picture_itself_in() -> None:
    collection = make_collection()
    copied = build(
        np.vstack([collection.vectors, *[collection.vectors[:1]] * 20]), [*collection.emotions, *["sad"] * 20]
    )
    found = find_neighbours(copied.vectors)
    assert not (found.positions == np.arange(len(copied))[:, None]).any()
    assert find_neighbours(collection.vectors[:1]).positions.shape == (1, 0)


def test_twenty_relabelled_pictures_are_the_suspects() -> None:
    collection = make_collection()
    emotions = collection.emotions.tolist()
    wrong = list(range(3, 240, 12))
    for position in wrong:
        emotions[position] = EMOTIONS[(EMOTIONS.index(emotions[position]) + 1) % 4]
    planted = build(collection.vectors, emotions)
    vote = hold_vote(planted, find_neighbours(planted.vectors))
    suspects = list_suspects(planted, vote).tolist()
    assert sorted(suspects) == wrong
    said = [planted.names[vote.said[position]] for position in suspects]
    assert said == [collection.emotions[position] for position in suspects]
    confusion = count_confusion(planted, vote)
    assert confusion.accuracy == pytest.approx(1 - 20 / 240)
    assert confusion.cells.sum() == 240 and (confusion.cells.sum(axis=1) == planted.counts).all()


def test_copies_do_not_vouch_for_each_other() -> None:
    collection = make_collection()
    copies = np.repeat(collection.vectors[:1], 15, axis=0)
    planted = build(np.vstack([collection.vectors, copies]), [*collection.emotions, *["angry"] * 15])
    near = find_neighbours(planted.vectors, count=40)
    copy = len(planted) - 1
    assert planted.names[hold_vote(planted, near).said[copy]] == "happy"
    assert planted.names[hold_vote(planted, near, leave_out=False).said[copy]] == "angry"


def test_an_exploration_asks_no_copies_and_shows_what_they_would_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    collection = make_collection()
    copies = np.repeat(collection.vectors[:1], 12, axis=0)
    planted = build(np.vstack([collection.vectors, copies]), [*collection.emotions, *["angry"] * 12])
    found = explore_vectors(planted, {})
    happy, angry = planted.names.index("happy"), planted.names.index("angry")
    assert found.confusion.cells[angry, happy] == 12 and found.with_twins.cells[angry, happy] == 0


def test_three_kinds_of_duplicates_are_never_mixed_and_those_across_emotions_are_first() -> None:
    collection = make_collection()
    random = np.random.default_rng(2)
    near = collection.vectors[:10] + random.normal(size=(10, 512)) * 0.002
    planted = build(
        np.vstack([collection.vectors, collection.vectors[20:40], near]),
        [*collection.emotions, *["happy"] * 19, "sad", *["happy"] * 10],
    )
    md5s = {path: bytes([number % 250, number // 250]) for number, path in enumerate(planted.filepaths)}
    for number in range(10):
        md5s[planted.filepaths[240 + number]] = md5s[planted.filepaths[20 + number]]
    twins = find_twins(planted, find_neighbours(planted.vectors), md5s)
    by_kind = {kind: [each.positions for each in twins if each.kind == kind] for kind in ("content", "vector", "near")}
    assert by_kind["content"] == [(20 + number, 240 + number) for number in range(10)]
    assert sorted(by_kind["vector"]) == [(30 + number, 250 + number) for number in range(10)]
    assert sorted(by_kind["near"]) == [(number, 260 + number) for number in range(10)]
    assert twins[0].mixed and twins[0].positions == (39, 259) and not any(each.mixed for each in twins[1:])


def test_pca_keeps_the_widest_directions_and_is_the_same_each_time() -> None:
    vectors = make_collection().vectors
    places = lay_out_by_pca(vectors)
    _, sizes, _ = np.linalg.svd(vectors - vectors.mean(axis=0))
    assert np.allclose(np.linalg.norm(places, axis=0), sizes[:2], rtol=1e-3)
    assert (places == lay_out_by_pca(vectors)).all()
    assert lay_out_by_pca(vectors[:0]).shape == (0, 2)


def test_a_layout_by_neighbours_keeps_clusters_apart() -> None:
    pytest.importorskip("openTSNE", reason="needs requirements-map.txt")
    places = lay_out_by_neighbours(make_collection().vectors)
    centers = places.reshape(4, EACH, 2).mean(axis=1)
    nearest = np.linalg.norm(places[:, None] - centers[None], axis=2).argmin(axis=1)
    assert (nearest == np.repeat(np.arange(4), EACH)).mean() > 0.98


def test_neighbours_are_computed_once_for_a_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    vectors = make_collection().vectors
    first = keep_neighbours("a", vectors)
    assert (keep_neighbours("a", vectors[:5]).positions == first.positions).all()
    for number in range(6):
        keep_neighbours(f"b{number}", vectors[:20])
    assert len(list(kept_folder("a").parent.iterdir())) == 4 and not list(tmp_path.rglob("*.new"))


def test_the_command_gives_figures_and_files(collection: object, tmp_path: Path) -> None:
    done = run_jobs("explore", "--out", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["pictures"] == 70 == sum(result["emotions"].values())
    assert result["confusion"] and sum(map(sum, result["confusion"])) == 70
    rows = list(csv.DictReader((tmp_path / "suspects.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == result["suspected"] and rows[0]["id"] == str(result["suspects"][0]["id"])
    table = pq.read_table(tmp_path / "map.parquet")
    assert table.column_names == ["id", "filepath", "emotion", "x", "y", "neighbors"] and table.num_rows == 70
    said = run_jobs("explore").stdout
    assert said.startswith("70 pictures, 7 emotions") and "0 duplicates" in said
