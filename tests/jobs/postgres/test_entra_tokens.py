"""PostgreSQL with Entra: each connection asks for a valid token, and reports a missing login."""

from collections.abc import Callable, Iterator

import pytest
from psycopg2 import sql

from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target
from tests.azure_fakes.postgres_gateway import Gateway, connection_error, gateway_target
from tests.databases import administering
from tests.fake_programs import FakeProgram


def test_each_connection_asks_for_a_valid_token(
    target: Target, gateway: Gateway, az: FakeProgram, cloud_role: Callable[[str], str]
) -> None:
    entra = gateway_target(
        target, gateway, postgres_auth="entra", postgres_user=cloud_role("token-1"), postgres_password=""
    )
    az.set_output("account get-access-token", {"accessToken": "token-1", "expires_on": 4102444800})
    with open_connection(entra) as first:
        cloud_role("token-2")  # an hour later: the old token has expired, the open connection stays
        az.set_output("account get-access-token", {"accessToken": "token-2", "expires_on": 4102444800})
        with open_connection(entra) as second:
            assert fetch_value(first, "SELECT 1") == fetch_value(second, "SELECT 1") == 1
    assert all("https://ossrdbms-aad.database.windows.net" in call for call in map(" ".join, az.calls()))


def test_without_a_login_the_sentence_names_the_command(target: Target, gateway: Gateway, az: FakeProgram) -> None:
    az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    assert "`az login`" in connection_error(gateway_target(target, gateway, postgres_auth="entra"))
    assert gateway.startups == []


@pytest.fixture
def cloud_role(target: Target) -> Iterator[Callable[[str], str]]:
    """Set the password of the test's role; returns its name. To a client, a token is a password."""
    admin = target.postgres_url(target.postgres_password)
    name = "ana@uni.es"
    with administering(admin) as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))

    def change(password: str) -> str:
        with administering(admin) as cursor:
            cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password)))
        return name

    yield change
    with administering(admin) as cursor:
        cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
