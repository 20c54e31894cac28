"""TLS to PostgreSQL as on Azure: the server's name is verified before anything is sent."""

import ssl
from dataclasses import replace
from pathlib import Path

import certifi
import pytest

from jobs.errors import JobError
from jobs.postgres.connection import connection_params, fetch_value, open_connection
from jobs.target import Target
from tests.azure_fakes.postgres_gateway import HOST, Gateway, OpenGateway, connection_error, gateway_target
from tests.certificates import CertificateAuthority


def test_a_verified_server_is_used(target: Target, gateway: Gateway) -> None:
    with open_connection(gateway_target(target, gateway)) as db:
        assert fetch_value(db, "SELECT current_database()") == target.postgres_database
    assert gateway.startups[0]["user"] == target.postgres_user


@pytest.mark.parametrize(
    ("host", "expired", "sentence"),
    [("other.postgres.database.azure.com", False, "certificate of another name"), (HOST, True, "has expired.*clock")],
)
def test_an_invalid_certificate_is_refused(
    target: Target, open_gateway: OpenGateway, authority: CertificateAuthority, host: str, expired: bool, sentence: str
) -> None:
    gateway = open_gateway(authority.certificate(host, expired))
    with pytest.raises(JobError, match=sentence), open_connection(gateway_target(target, gateway)):
        pass
    assert gateway.startups == []  # nothing was sent to it, not even the user


def test_an_untrusted_authority_is_refused(target: Target, open_gateway: OpenGateway, tmp_path: Path) -> None:
    gateway = open_gateway(CertificateAuthority(tmp_path, "Somebody").certificate(HOST))
    assert "authority that is not trusted" in connection_error(gateway_target(target, gateway))
    assert gateway.startups == []


def test_the_authority_is_trusted_only_where_it_is_named(
    target: Target, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLROOTCERT")
    assert "PGSSLROOTCERT" in connection_error(gateway_target(target, gateway))
    assert gateway.startups == []


def test_a_self_signed_certificate_is_refused(target: Target, open_gateway: OpenGateway, tmp_path: Path) -> None:
    own = CertificateAuthority(tmp_path, "Self")
    gateway = open_gateway(own.self_signed())
    assert "is self-signed" in connection_error(gateway_target(target, gateway))
    assert gateway.startups == []


def test_nothing_is_sent_to_a_server_without_tls(target: Target, open_gateway: OpenGateway) -> None:
    gateway = open_gateway(None)
    assert "does not support TLS" in connection_error(gateway_target(target, gateway))
    assert gateway.startups == []


def test_azure_refuses_connections_without_tls(target: Target, gateway: Gateway) -> None:
    assert "sslmode=verify-full" in connection_error(gateway_target(target, gateway, postgres_sslmode="disable"))


def test_a_missing_file_of_roots_is_named(
    target: Target, gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "nowhere.pem"))
    message = connection_error(gateway_target(target, gateway))
    assert "nowhere.pem" in message and "PGSSLROOTCERT" in message


def test_azures_authorities_are_trusted_by_default(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    assert connection_params(replace(target, postgres_sslmode="verify-full"))["sslrootcert"] == certifi.where()
    roots = ssl.create_default_context(cafile=certifi.where()).get_ca_certs()
    names = {dict(pair for (pair,) in root["subject"]).get("commonName") for root in roots}  # type: ignore[misc]
    assert {"DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017"} <= names
