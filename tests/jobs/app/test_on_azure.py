"""The page on a stack: what a reader's rights suffice for; each refusal of Azure is a sentence on a page that lives."""

import re
import time
from html import unescape

import pytest

from jobs.app.desk import State
from jobs.local.roles import READER
from tests.azure_fakes.postgres_gateway import FIREWALL, Gateway
from tests.fake_programs import FakeProgram
from tests.jobs.app.played_stack import PlayedStack
from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served

BOTH = "/search?id=5&k=4&place=lake&place=database"
TOKENS = ("marker-token-of-the-tests", "token-of-a-minute")


def errors(served: Served, path: str) -> list[str]:
    """The sentences of a page. It is a whole page, whatever was refused."""
    answer = served.get(path)
    assert "Traceback" not in answer.text and '<main id="main"' in answer.text
    password = served.desk.target.postgres_password if served.desk.target else TOKENS[0]
    assert not [secret for secret in (password, *TOKENS) if secret in answer.text]
    return [unescape(each) for each in re.findall(r'class="(?:note error|small)"[^>]* lang="en">([^<]+)<', answer.text)]


def ready(served: Served) -> None:
    """Look again, until it is ready."""
    served.post("/again", {"demo": "no"})
    wait_for(lambda: served.desk.state is State.ready, lambda: served.desk.error or served.desk.line)


def test_a_readers_rights_are_enough_to_search_and_to_explore(played_stack: PlayedStack) -> None:
    with played_stack.served() as served:
        assert served.desk.state is State.ready, served.desk.error
        assert not errors(served, BOTH) and served.get(BOTH).text.count('<li class="match') == 8
        assert served.get("/pictures/5.png").headers["Content-Type"] == "image/png"
        wait_for(lambda: served.get("/points").status_code == 200, lambda: served.get("/points").text)
        for view in ("map", "duplicates", "labels", "confusion"):
            assert served.get(f"/explore?view={view}").status_code == 200
        assert "70 rows" in served.get("/flow").text
    assert not played_stack.written
    assert {each["user"] for each in played_stack.gateway.startups} == {READER}


def test_a_firewall_of_the_database_is_said_in_its_column(played_stack: PlayedStack) -> None:
    with played_stack.served() as served:
        played_stack.gateway.refusals = [("28000", FIREWALL.format("SSL encryption"))] * 50
        found = errors(served, BOTH)
        assert len(found) == 1 and "does not allow your address 203.0.113.7" in found[0] and "pulumi" in found[0]
        assert served.get(BOTH).text.count('<li class="match') == 4  # the lake's
        assert "does not allow your address" in served.get("/flow").text
        played_stack.gateway.refusals = []
        assert not errors(served, BOTH)


@pytest.mark.parametrize(
    ("status", "code", "way_on"),
    [
        (403, "AuthorizationFailure", "does not allow your network"),
        (403, "AuthorizationPermissionMismatch", "you need the role"),
        (401, "InvalidAuthenticationInfo", "run `az login`"),
    ],
)
def test_a_storage_that_refuses_is_said_and_tried_again(
    played_stack: PlayedStack, status: int, code: str, way_on: str
) -> None:
    played_stack.storage_error = (status, code)
    with played_stack.served() as served:
        assert served.desk.state is State.failed
        assert any(way_on in each for each in errors(served, "/search"))
        played_stack.storage_error = None
        ready(served)
        played_stack.storage_error = (status, code)  # while it runs: the database still answers
        assert any(way_on in each for each in errors(served, BOTH))
        assert served.get("/search?id=5&k=4&place=database").text.count('<li class="match') == 4
        assert served.get("/pictures/5.png").status_code == 403
        assert any(way_on in each for each in errors(served, "/flow"))
        played_stack.storage_error = None
        assert not errors(served, BOTH)


def test_a_server_that_is_paused_meanwhile_is_said_with_its_button_and_found_again(played_stack: PlayedStack) -> None:
    with played_stack.served(operate=True) as served:
        assert not errors(served, BOTH)
        played_stack.server.assigned["properties"]["state"] = "Stopped"
        port = played_stack.gateway.port
        played_stack.gateway.close()
        found = errors(served, BOTH)
        assert len(found) == 1 and "`python -m jobs resume --target STACK`" in found[0]
        text = served.get("/flow").text
        assert "<dd>paused</dd>" in text and 'value="resume"' in text
        form = {"command": "resume", "stack": "other"}
        assert "Type the stack&#39;s name" in served.post("/work", form).text and served.work.current is None
        played_stack.gateway = Gateway(played_stack.local.postgres_port, played_stack.gateway.context, port=port)
        played_stack.server.assigned["properties"]["state"] = "Ready"
        assert not errors(served, BOTH) and "<dd>running</dd>" in served.get("/flow").text


def test_without_operate_nothing_can_be_changed(played_stack: PlayedStack) -> None:
    with played_stack.served() as served:
        text = served.get("/flow").text
        assert 'value="verify"' in text and not re.findall(r'value="(resume|pause|index|run-pipeline)"', text)
        assert f"python -m jobs resume --target dev --outputs {played_stack.outputs}" in text
        for command in ("resume", "pause", "index", "run-pipeline"):
            assert served.post("/work", {"command": command, "stack": "dev"}).status_code == 400
        assert served.work.current is None


def test_a_login_that_ends_while_the_page_is_open_is_said(played_stack: PlayedStack, az: FakeProgram) -> None:
    soon = {"accessToken": "token-of-a-minute", "expires_on": int(time.time()) + 60}  # renewed at each request
    az.set_output("account get-access-token", soon)
    with played_stack.served() as served:
        assert not errors(served, BOTH)
        az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
        assert any("`az login`" in each for each in errors(served, BOTH))
        assert any("`az login`" in each for each in errors(served, "/flow"))
        assert served.get("/search?id=5&k=4&place=database").text.count('<li class="match') == 4  # still connected
        az.set_output("account get-access-token", soon)
        assert not errors(served, BOTH)
