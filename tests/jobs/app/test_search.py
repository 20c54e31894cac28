"""The search page, its CSV and its JSON: without JavaScript, compared with the command and with numpy."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from jobs.app.tables import csv_text
from jobs.storage import lake
from jobs.storage.client import lake_container, upload_blob
from tests.jobs.cli_process import run_jobs
from tests.jobs.served import Served

FACE = "happy/face_00002.jpg"
TIMES = {"embed_seconds": 0, "search_seconds": 0}


def given_address(application: Served, picture: bytes, **fields: object) -> str:
    """Send a picture. Returns the address of its results."""
    answer = application.post("/search", fields, files={"picture": ("a.jpg", picture)}, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removesuffix("#results")


@pytest.mark.parametrize("options", [{"k": "7", "emotion": "sad"}, {"k": "3", "place": "database"}])
def test_json_is_the_object_of_the_command_bit_for_bit(
    application: Served, many_faces: Path, options: dict[str, str]
) -> None:
    picture = many_faces / "train" / FACE
    address = given_address(application, picture.read_bytes(), **{"k": "5"} | options)
    page = application.get(f"{address}&as=json").json()
    flags = {"k": "--k", "emotion": "--emotion", "place": "--from"}
    words = [word for name, value in options.items() for word in (flags[name], value)]
    command = json.loads(run_jobs("search", str(picture), "--json", *words).stdout)
    assert page | TIMES | {"query": ""} == command | TIMES | {"query": ""}


def test_several_places_side_by_side_and_one_that_refuses(application: Served) -> None:
    path = "/search?id=5&k=4&place=lake&place=database&place=azure-search"
    text = application.get(path).text
    assert text.count('<section class="column"') == 3
    assert "Overlap@4" in text and "1.00" in text
    assert "pulumi config set search free" in text  # the laptop has no search service
    results = application.get(f"{path}&as=json").json()
    assert [result["place"] for result in results] == ["lake", "database"]
    assert results[0]["results"][0]["id"] == 5


def test_purity_leaves_the_query_out_and_stands_beside_chance(application: Served) -> None:
    counts = Counter(application.desk.lake().emotions.tolist())
    result = application.get("/search?id=5&k=10&as=json").json()
    own = next(match["emotion"] for match in result["results"] if match["id"] == 5)
    hits = sum(match["emotion"] == own for match in result["results"]) - 1
    chance = 9 * (counts[own] - 1) / 69
    text = application.get("/search?id=5&k=10").text
    assert f"Results, 10 nearest in the lake, {hits} of 9 {own}, chance {chance:.1f}" in text
    assert "chance" not in application.get(f"/search?id=5&k=10&emotion={own}").text


def test_csv_holds_what_is_shown_and_no_formula(application: Served) -> None:
    answer = application.get("/search?id=5&k=6&place=lake&place=database&as=csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["place", "rank", "id", "filepath", "emotion", "distance"]
    assert len(rows) == 13 and rows[1][:3] == ["lake", "1", "5"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert csv_text(["a"], [["=1+1"], ["-x"], ["happy"], [-1]]) == "a\r\n'=1+1\r\n'-x\r\nhappy\r\n-1\r\n"


def test_a_forgotten_picture_is_asked_for_again(application: Served, many_faces: Path) -> None:
    address = given_address(application, (many_faces / "train" / FACE).read_bytes())
    assert "<ol" in application.get(address).text
    name = re.findall("given=([^&]+)", address)[0]
    assert application.desk.given.find(name)
    for given in application.desk.given._kept.values():
        given.at -= 3601
    answer = application.get(address)
    assert answer.status_code == 404 and "was forgotten" in answer.text and 'name="picture"' in answer.text


def test_pictures_are_new_pngs_of_pixels(application: Served, many_faces: Path) -> None:
    lake_index = application.desk.lake()
    answer = application.get("/pictures/5.png")
    stored = Image.open(many_faces / "train" / lake_index.filepaths[lake_index.positions[5]]).convert("RGB")
    assert answer.headers["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).tobytes() == stored.tobytes()
    container = lake_container(application.desk.target)  # type: ignore[arg-type]
    path = lake.PICTURES + lake_index.filepaths[lake_index.positions[9]]
    before = container.download_blob(path).readall()
    upload_blob(container, path, b"<svg onload=alert(1)>")
    try:
        assert application.get("/pictures/9.png").status_code == 404
    finally:
        upload_blob(container, path, before)
