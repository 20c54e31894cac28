"""An address that is wrong is answered with its status and a sentence that says why, on a whole page."""

from html import unescape

import pytest

from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served

NOTHING = "No picture has the"
WRONG = (
    *[(f"/search?id={id}", 400, "id must be") for id in ("abc", "-1", "9" * 30, "1%00", "%D9%A1", "1.0", "")],
    *[(f"/search?id=1&k={k}", 400, "k must be") for k in ("0", "101", "1.5", "-1", "x")],
    ("/search?id=1&place=moon", 400, "place must be one of lake"),
    ("/search?id=1&place=lake&place=%3Cscript%3E", 400, "not '<script>'"),
    ("/search?id=1&as=xml", 400, "as must be"),
    ("/search?as=csv", 400, "Give a picture first"),
    ("/search?random=1&k=0", 400, "k must be"),
    ("/search?id=999", 404, f"{NOTHING} id 999"),
    ("/search?id=999&place=database&as=csv", 404, f"{NOTHING} id 999"),
    ("/search?id=1&emotion=%3Cscript%3E", 404, f"{NOTHING} emotion <script>"),
    ("/search?given=unknown", 404, ""),
    ("/search?given=unknown&as=csv", 404, "was forgotten"),
    ("/explore?view=moon", 400, "view must be"),
    ("/explore?view=duplicates&near=0", 400, "near must be"),
    ("/explore?page=0", 400, "page must be"),
    ("/explore?page=99", 400, "page must be a whole number from 1 to 2"),
    ("/explore?as=xml", 400, "as must be"),
    ("/explore?emotion=bored", 404, f"{NOTHING} emotion bored"),
    ("/explore?given=sad&said=bored", 404, f"{NOTHING} emotion bored"),
    ("/explore?given=sad", 400, "given and said must be given together"),
    *[(f"/explore?area={area}", 400, "area must be") for area in ("1", "1,2,3,4", "a,b,c,d,e,f", "1,2,3,4,5,70000")],
    (f"/explore?area={'1,2' * 500}", 400, "area must be"),
    ("/points?area=1", 400, "area must be"),
    ("/points/x", 400, "id must be"),
    ("/points/999", 404, f"{NOTHING} id 999"),
    ("/pictures/999.png", 404, f"{NOTHING} id 999"),
    ("/pictures/..%2F..%2Fx.png", 404, "no such page"),
    ("/pictures/x.png", 400, "id must be"),
    ("/given/nobody.png", 404, "was forgotten"),
    ("/work?as=xml", 400, "as must be"),
    ("/nowhere", 404, "no such page"),
    ("/static/nothing.js", 404, "no such page"),
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_wrong_address_has_its_status_and_a_sentence(application: Served, language: str) -> None:
    wait_for(lambda: application.get("/points").status_code == 200, lambda: application.get("/points").text)
    for path, status, sentence in WRONG:
        answer = application.get(path, headers={"Accept-Language": language})
        text = unescape(answer.text)
        assert (path, answer.status_code) == (path, status) and sentence in text, text
        assert f'<html lang="{language}">' in text and "Traceback" not in text and "<script>" not in answer.text
        assert text.count("<h1>") == 1
        if path.startswith("/search?") and "as=" not in path:
            assert sentence in application.get(f"{path}&as=json").json()["error"]


def test_what_is_not_ready_says_so_to_a_script(application: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.app.desk import State

    monkeypatch.setattr(application.desk, "state", State.starting)
    for path in ("/search?id=5", "/explore"):
        assert application.get(path).status_code == 200
        answer = application.get(f"{path}{'&' if '?' in path else '?'}as=csv")
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "5" and "not ready" in answer.text
