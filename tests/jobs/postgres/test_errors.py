"""Connections to PostgreSQL as on Azure that fail: one sentence for each refusal, and a wait for what passes."""

import socket
from dataclasses import replace

import pytest

from jobs.errors import JobError
from jobs.postgres import errors as postgres_errors
from jobs.postgres.connection import SETTINGS, fetch_value, open_connection
from jobs.target import Target
from tests.azure_fakes.postgres_gateway import FIREWALL, HOST, Gateway, connection_error, gateway_target


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        (
            "28000",
            FIREWALL.format("SSL encryption"),
            r'address 203\.0\.113\.7: `pulumi config set --path "allowedIps\[N\]" 203\.0\.113\.7` and `pulumi up`.*'
            r"N is the first number that `pulumi config get allowedIps` does not show",
        ),
        ("28P01", 'password authentication failed for user "postgres"', "does not accept the password of postgres"),
        (
            "28P01",
            'password authentication failed for user "lake_reader"',
            r"`python -m jobs migrate --target STACK` makes that role",
        ),
        ("3D000", 'database "fer_vct" does not exist', "no such database: run `pulumi up`"),
        ("28000", 'role "ana@uni.es" does not exist', "no user postgres.*entraAdminName"),
        ("28P01", "The access token has expired. Acquire a new one.", "Entra token.*`az login`"),
        ("42501", "something new\nwith two lines", r"refuses the connection \(something new\)"),
    ],
)
def test_refused_connections_are_explained(
    target: Target, gateway: Gateway, code: str, message: str, sentence: str
) -> None:
    gateway.refusals.append((code, message))
    with pytest.raises(JobError, match=sentence), open_connection(gateway_target(target, gateway)):
        pass
    assert len(gateway.startups) == 1  # a permanent error is not tried again


def test_a_wrong_password_is_reported(target: Target, gateway: Gateway) -> None:
    message = connection_error(gateway_target(target, gateway, postgres_password="marker-of-the-tests"))
    assert "does not accept the password of postgres" in message and "marker" not in message


def test_transient_errors_are_waited_for(target: Target, gateway: Gateway) -> None:
    gateway.refusals += [("57P03", "the database system is starting up"), ("53300", "sorry, too many clients already")]
    with open_connection(gateway_target(target, gateway)) as db:
        assert fetch_value(db, "SELECT 1") == 1
    assert len(gateway.startups) == 3


def test_waiting_ends(target: Target, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_errors, "TRANSIENT_ERRORS", {"starting up": 1.0})
    gateway.refusals += [("57P03", "the database system is starting up")] * 20
    assert "not ready" in connection_error(gateway_target(target, gateway))
    assert 1 < len(gateway.startups) < 5


def test_an_unknown_host_name_is_reported(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOSTADDR", raising=False)
    assert "are you online" in connection_error(replace(target, postgres_host="psql-fer.invalid"))


def test_a_server_that_does_not_answer_is_reported(
    target: Target, trusted_authority: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure's firewall drops the packets of other addresses, and a stopped server does not answer."""
    monkeypatch.setitem(SETTINGS, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_server = replace(
            target, postgres_host=HOST, postgres_port=silent.getsockname()[1], postgres_sslmode="verify-full"
        )
        message = connection_error(silent_server)
    assert "python -m jobs resume --target STACK" in message and "allowedIps[N]" in message


def test_a_lost_connection_is_reported(target: Target, gateway: Gateway) -> None:
    gateway.cut_after = 4000
    with (
        pytest.raises(JobError, match=r"closed the connection.*run the same command again"),
        open_connection(gateway_target(target, gateway)) as db,
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
def test_an_invalid_url_is_not_repeated(url: str) -> None:
    with pytest.raises(JobError, match="%40") as error, open_connection(url):
        pass
    assert "mark" not in str(error.value) and error.value.__cause__ is None
