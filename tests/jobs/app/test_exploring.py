"""The exploration behind the pages: what is shown while it is computed, and when it fails."""

import pytest

from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served


def test_an_exploration_that_fails_is_said_and_tried_again(
    application: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer, poll = application.state.explorer, "/work?as=json&until=exploring"

    def fail(collection: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr("jobs.app.exploring.lay_out_again", fail)
        wait_for(lambda: application.get(poll).json()["explored"] and explorer.error is not None, lambda: "no error")
        assert "OSError: no space" in application.get("/explore").text  # the map by PCA stays
        patch.setattr("jobs.app.exploring.explore_collection", lambda container, lake: fail(lake))
        explorer._etag = ""
        wait_for(lambda: application.get(poll).json()["explored"], lambda: "still exploring")
        answer = application.get("/explore")
        assert answer.status_code == 500 and "OSError: no space" in answer.text
    wait_for(lambda: application.get("/points").status_code == 200, lambda: application.get("/points").text)
    assert "no space" not in application.get("/explore").text
