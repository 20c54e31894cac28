"""PostgreSQL as Azure has it: TLS that proves the server's name, tokens, and refusals told in a sentence."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import certifi
import pytest
from psycopg2 import sql

from jobs import postgres, postgres_refusal
from jobs.failure import Failure
from jobs.postgres import connected, one, parts
from jobs.target import Target
from tests.azure.authority import Authority
from tests.azure.postgres import FIREWALL, HOST, Gateway, Open, stack
from tests.azure.programs import Program
from tests.conftest import administering


def refused(target: Target) -> str:
    with pytest.raises(Failure) as failure, connected(target):
        pass
    assert "\n" not in str(failure.value)
    return str(failure.value)


def test_a_server_that_proves_its_name_is_used(target: Target, gateway: Gateway) -> None:
    with connected(stack(target, gateway)) as db:
        assert one(db, "SELECT current_database()") == target.postgres_database
    assert gateway.startups[0]["user"] == target.postgres_user


@pytest.mark.parametrize(
    ("host", "expired", "sentence"),
    [("other.postgres.database.azure.com", False, "certificate of another name"), (HOST, True, "has expired.*clock")],
)
def test_a_certificate_that_proves_nothing_is_refused(
    target: Target, opened: Open, authority: Authority, host: str, expired: bool, sentence: str
) -> None:
    gateway = opened(authority.certificate(host, expired))
    with pytest.raises(Failure, match=sentence), connected(stack(target, gateway)):
        pass
    assert gateway.startups == []  # nothing was told to it, not even who we are


def test_an_authority_that_nobody_trusts_is_refused(target: Target, opened: Open, tmp_path: Path) -> None:
    gateway = opened(Authority(tmp_path, "Somebody").certificate(HOST))
    assert "authority that is not trusted" in refused(stack(target, gateway))
    assert gateway.startups == []


def test_the_authority_is_trusted_only_where_it_is_named(
    target: Target, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLROOTCERT")
    assert "PGSSLROOTCERT" in refused(stack(target, gateway))
    assert gateway.startups == []


def test_a_self_signed_certificate_is_refused(target: Target, opened: Open, tmp_path: Path) -> None:
    own = Authority(tmp_path, "Self")
    gateway = opened(own.itself())
    assert "nobody trusted has signed" in refused(stack(target, gateway))
    assert gateway.startups == []


def test_a_server_without_tls_is_told_nothing(target: Target, opened: Open) -> None:
    gateway = opened(None)
    assert "speaks no TLS" in refused(stack(target, gateway))
    assert gateway.startups == []


def test_without_tls_azure_lets_no_one_in(target: Target, gateway: Gateway) -> None:
    assert "sslmode=verify-full" in refused(stack(target, gateway, postgres_sslmode="disable"))


def test_a_missing_file_of_roots_is_named(
    target: Target, gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "nowhere.pem"))
    said = refused(stack(target, gateway))
    assert "nowhere.pem" in said and "PGSSLROOTCERT" in said


def test_azures_authorities_are_trusted_by_default(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    assert parts(replace(target, postgres_sslmode="verify-full"))["sslrootcert"] == certifi.where()
    roots = ssl.create_default_context(cafile=certifi.where()).get_ca_certs()
    names = {dict(pair for (pair,) in root["subject"]).get("commonName") for root in roots}  # type: ignore[misc]
    assert {"DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017"} <= names


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
    with pytest.raises(Failure, match=sentence), connected(stack(target, gateway)):
        pass
    assert len(gateway.startups) == 1  # what does not pass by itself is not tried again


def test_a_wrong_password_is_told(target: Target, gateway: Gateway) -> None:
    said = refused(stack(target, gateway, postgres_password="marker-of-the-tests"))
    assert "does not take the password of postgres" in said and "marker" not in said


def test_what_passes_by_itself_is_waited_for(target: Target, gateway: Gateway) -> None:
    gateway.refusals += [("57P03", "the database system is starting up"), ("53300", "sorry, too many clients already")]
    with connected(stack(target, gateway)) as db:
        assert one(db, "SELECT 1") == 1
    assert len(gateway.startups) == 3


def test_waiting_ends(target: Target, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_refusal, "PASSES", {"starting up": 1.0})
    gateway.refusals += [("57P03", "the database system is starting up")] * 20
    assert "not ready" in refused(stack(target, gateway))
    assert 1 < len(gateway.startups) < 5


def test_a_server_of_an_unknown_name_is_told(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOSTADDR", raising=False)
    assert "are you online" in refused(replace(target, postgres_host="psql-fer.invalid"))


def test_a_server_that_does_not_answer_is_told(target: Target, trusted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure's firewall throws away what comes from strangers, and nothing answers for a stopped server."""
    monkeypatch.setitem(postgres.SETTINGS, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = replace(
            target, postgres_host=HOST, postgres_port=silent.getsockname()[1], postgres_sslmode="verify-full"
        )
        said = refused(there)
    assert "python -m jobs resume --target STACK" in said and "allowedIps[N]" in said


def test_a_lost_connection_is_told(target: Target, gateway: Gateway) -> None:
    gateway.cut = 4000
    with pytest.raises(Failure, match=r"gave up.*run the same command again"), connected(stack(target, gateway)) as db:
        one(db, "SELECT repeat('x', 1000000)")


def test_each_connection_asks_for_a_token_that_is_still_good(
    target: Target, gateway: Gateway, az: Program, cloud_role: Callable[[str], str]
) -> None:
    entra = stack(target, gateway, postgres_auth="entra", postgres_user=cloud_role("token-1"), postgres_password="")
    az.says("account get-access-token", {"accessToken": "token-1", "expires_on": 4102444800})
    with connected(entra) as first:
        cloud_role("token-2")  # an hour later: the old token lets nobody in, the connection that is there stays
        az.says("account get-access-token", {"accessToken": "token-2", "expires_on": 4102444800})
        with connected(entra) as second:
            assert one(first, "SELECT 1") == one(second, "SELECT 1") == 1
    assert all("https://ossrdbms-aad.database.windows.net" in call for call in map(" ".join, az.calls()))


def test_without_a_login_the_sentence_names_the_command(target: Target, gateway: Gateway, az: Program) -> None:
    az.says("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    assert "`az login`" in refused(stack(target, gateway, postgres_auth="entra"))
    assert gateway.startups == []


@pytest.fixture
def cloud_role(target: Target) -> Iterator[Callable[[str], str]]:
    """Give the role of a test a password; its name. Tokens are passwords, to a client."""
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
    with pytest.raises(Failure, match="%40") as failure, connected(url):
        pass
    assert "mark" not in str(failure.value) and failure.value.__cause__ is None
