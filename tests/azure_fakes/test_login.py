"""Login, metadata, tokens and limits of the played Azure."""

import time

from tests.azure_fakes.arm_requests import GROUP, ArmRequests, code
from tests.azure_fakes.azure import HOST, TENANT, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.login import HOST as LOGIN_HOST
from tests.azure_fakes.login import Login

TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"


def log_in(azure: Azure) -> Response:
    return Login(azure)(Request("POST", LOGIN_HOST, TOKEN_PATH, {}, {}, b"grant_type=client_credentials"))


def test_the_metadata_lead_to_the_login_and_to_resource_manager() -> None:
    request = Request("GET", HOST, "/metadata/endpoints", {"api-version": "2022-09-01"}, {}, None)
    metadata = ArmRequests().manager(request).body
    assert metadata["resourceManager"] == "https://management.azure.com/"
    assert metadata["authentication"]["loginEndpoint"] == f"https://{LOGIN_HOST}/"
    assert metadata["authentication"]["audiences"] and metadata["suffixes"]["keyVaultDns"] == "vault.azure.net"


def test_without_a_token_nothing_is_answered() -> None:
    request = Request("GET", HOST, GROUP, {"api-version": "1"}, {}, None)
    assert code(ArmRequests().manager(request)) == "AuthenticationFailed"


def test_a_token_expires() -> None:
    azure = Azure(token_seconds=0.1)
    header = {"authorization": f"Bearer {log_in(azure).body['access_token']}"}
    request = Request("GET", HOST, GROUP, {"api-version": "1"}, header, None)
    arm = ArmRequests(azure)
    assert code(arm.manager(request)) == "ResourceGroupNotFound"
    time.sleep(0.15)
    assert code(arm.manager(request)) == "ExpiredAuthenticationToken"


def test_a_login_that_has_ended_gives_no_token() -> None:
    answer = log_in(Azure(logged_out=True))
    assert answer.status == 400 and "AADSTS700082" in answer.body["error_description"]


def test_writes_are_throttled_and_reads_are_not() -> None:
    arm = ArmRequests(Azure(throttled=1))
    assert code(arm.send("GET", GROUP)) == "ResourceGroupNotFound"
    answer = arm.put(GROUP)
    assert (answer.status, answer.headers) == (429, {"Retry-After": "1"})
    assert arm.put(GROUP).status == 201
