"""PostgreSQL as Azure has it: refusals, servers that are not ready, lost or not there, told in a sentence."""

import socket
from dataclasses import replace

import pytest

from jobs.errors import JobError
from jobs.postgres import errors as postgres_refusal
from jobs.postgres.connection import SETTINGS, fetch_value, open_connection
from jobs.target import Target
from tests.azure_fakes.postgres import FIREWALL, HOST, Gateway, refused, stack


@pytest.mark.parametrize(
    ("code", "said", "sentence"),
    [
        (
            "28000",
            FIREWALL.format("SSL encryption"),
            r'address 203\.0\.113\.7: `pulumi config set --path "allowedIps\[N\]" 203\.0\.113\.7` and `pulumi up`.*'
            r"N is the first number that `pulumi config get allowedIps` does not show",
        ),
        ("28P01", 'password authentication failed for user "postgres"', "does not take the password of postgres"),
        ("3D000", 'database "fer_vct" does not exist', "no such database: run `pulumi up`"),
        ("28000", 'role "ana@uni.es" does not exist', "no user postgres.*entraAdminName"),
        ("28P01", "The access token has expired. Acquire a new one.", "Entra token.*`az login`"),
        ("42501", "something new\nwith two lines", r"lets no one in \(something new\)"),
    ],
)
def test_what_the_server_refuses(target: Target, gateway: Gateway, code: str, said: str, sentence: str) -> None:
    gateway.refusals.append((code, said))
    with pytest.raises(JobError, match=sentence), open_connection(stack(target, gateway)):
        pass
    assert len(gateway.startups) == 1  # what does not pass by itself is not tried again


def test_a_wrong_password_is_told(target: Target, gateway: Gateway) -> None:
    said = refused(stack(target, gateway, postgres_password="marker-of-the-tests"))
    assert "does not take the password of postgres" in said and "marker" not in said


def test_what_passes_by_itself_is_waited_for(target: Target, gateway: Gateway) -> None:
    gateway.refusals += [("57P03", "the database system is starting up"), ("53300", "sorry, too many clients already")]
    with open_connection(stack(target, gateway)) as db:
        assert fetch_value(db, "SELECT 1") == 1
    assert len(gateway.startups) == 3


def test_waiting_ends(target: Target, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_refusal, "TRANSIENT_ERRORS", {"starting up": 1.0})
    gateway.refusals += [("57P03", "the database system is starting up")] * 20
    assert "not ready" in refused(stack(target, gateway))
    assert 1 < len(gateway.startups) < 5


def test_a_server_of_an_unknown_name_is_told(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOSTADDR", raising=False)
    assert "are you online" in refused(replace(target, postgres_host="psql-fer.invalid"))


def test_a_server_that_does_not_answer_is_told(target: Target, trusted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure's firewall throws away what comes from strangers, and nothing answers for a stopped server."""
    monkeypatch.setitem(SETTINGS, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = replace(
            target, postgres_host=HOST, postgres_port=silent.getsockname()[1], postgres_sslmode="verify-full"
        )
        said = refused(there)
    assert "python -m jobs resume --target STACK" in said and "allowedIps[N]" in said


def test_a_lost_connection_is_told(target: Target, gateway: Gateway) -> None:
    gateway.cut = 4000
    with (
        pytest.raises(JobError, match=r"gave up.*run the same command again"),
        open_connection(stack(target, gateway)) as db,
    ):
        fetch_value(db, "SELECT repeat('x', 1000000)")


@pytest.mark.parametrize(
    "url",
    [
        "no url at all",
        "postgresql://ana:marker@x@host/db",
        "postgresql://ana:mark/er@host/db",
        "postgresql://ana:12/marker@host/db",
        "postgresql://ana:marker%zz@host/db",
    ],
)
def test_a_url_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(JobError, match="%40") as failure, open_connection(url):
        pass
    assert "mark" not in str(failure.value) and failure.value.__cause__ is None
