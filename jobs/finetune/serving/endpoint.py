"""The endpoint on this computer: what `deploy`, `traffic`, `connect` and `chat` do with it."""

import http.client
import json
import shutil
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jobs.errors import ErrorKind, JobError
from jobs.finetune.results import Deployment, Endpoint, ModelVersion
from jobs.finetune.serving.state import NAME, make_key, read_state, to_deployment, write_state
from jobs.local.finetune_endpoint import EndpointServer, endpoint_folder
from jobs.local.ports import HOST
from jobs.notice import say_if_slow

ANSWER_SECONDS, READY_SECONDS = 180.0, 600.0
DEPLOYMENT = "azureml-model-deployment"


def local_server() -> EndpointServer:
    return EndpointServer(endpoint_folder())


def read_endpoint() -> Endpoint | None:
    """The endpoint as it is recorded, running or not."""
    server = local_server()
    if not server.exists():
        return None
    state = read_state(server.folder)
    made = tuple(to_deployment(colour, each) for colour, each in state["deployments"].items())
    return Endpoint(endpoint=NAME, url=server.url() or "", deployments=made, traffic=state["traffic"])


def make_endpoint() -> Endpoint:
    """Make the endpoint where there is none, and start it."""
    server = local_server()
    server.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_key(server.folder)
    if not server.exists():
        write_state(server.folder, {"deployments": {}, "traffic": {}})
    server.start()
    return read_endpoint() or Endpoint(endpoint=NAME, url="")


def make_deployment(colour: str, version: ModelVersion) -> Deployment:
    """Make a deployment at 0 %, and wait until its model is loaded. Raises JobError."""
    make_endpoint()
    folder = endpoint_folder()
    state = read_state(folder)
    if colour not in state["deployments"]:
        new = {"model": version.name, "version": version.version, "path": version.path}
        state["deployments"][colour] = {**new, "state": "starting", "checked": False, "ready_seconds": None}
        write_state(folder, state)
    started = time.monotonic()
    with say_if_slow(f"Loading the model of {colour}"):
        status, text, _ = request("GET", f"/ready?deployment={colour}", None, READY_SECONDS)
    made = state["deployments"][colour]
    made["state"] = "ready" if status == 200 else "failed"
    made["ready_seconds"] = made["ready_seconds"] or round(time.monotonic() - started, 3)
    write_state(folder, state)
    if status != 200:
        raise JobError(f"The deployment {colour} does not start: {text} Deploy another version.", ErrorKind.failed)
    return to_deployment(colour, made)


def change_deployment(colour: str, **values: Any) -> None:
    """Record what has become known of a deployment. Raises JobError where there is none."""
    state = read_state(endpoint_folder())
    if colour not in state["deployments"]:
        raise JobError(f"There is no deployment {colour}: `finetune deploy` makes one.", ErrorKind.not_found)
    state["deployments"][colour].update(values)
    write_state(endpoint_folder(), state)


def set_traffic(traffic: Mapping[str, int]) -> None:
    state = read_state(endpoint_folder())
    write_state(endpoint_folder(), state | {"traffic": dict(traffic)})


def delete_deployment(colour: str) -> None:
    """Delete a deployment. The server stops its process soon after."""
    state = read_state(endpoint_folder())
    state["deployments"].pop(colour, None)
    state["traffic"].pop(colour, None)
    write_state(endpoint_folder(), state)


def delete_endpoint() -> bool:
    """Stop and delete it. Returns whether there was one."""
    server = local_server()
    server.stop()
    found = server.folder.exists()
    shutil.rmtree(server.folder, ignore_errors=True)
    return found


def ask(body: Mapping[str, Any], colour: str | None) -> tuple[str, str]:
    """Ask the endpoint, started if it is not running. Returns the answer and the deployment. Raises JobError."""
    if not local_server().exists():
        raise JobError("There is no endpoint: `python -m jobs finetune deploy` makes it.", ErrorKind.not_found)
    status, text, answered = request("POST", "/score", json.dumps(body), ANSWER_SECONDS, colour)
    return read_answer(status, text), answered


def read_answer(status: int, text: str) -> str:
    """The text of an answer. Raises JobError for a status other than 200."""
    if status != 200:
        kind = ErrorKind.invalid if status in (400, 413) else ErrorKind.refused if status in (401, 403) else None
        raise JobError(f"The endpoint answered {status}: {text[:300]}", kind or ErrorKind.unavailable)
    try:
        return str(json.loads(text)["output"])
    except (ValueError, KeyError, TypeError) as error:
        raise JobError(f"The endpoint's answer has no output: {text[:200]}", ErrorKind.failed) from error


def request(
    method: str, path: str, body: str | None, seconds: float, colour: str | None = None
) -> tuple[int, str, str]:
    """One request to the endpoint with its key: status, text, and the deployment that answered. Raises JobError.

    It is asked where it was last; only where nobody answers there it is started, and asked once more.
    """
    server = local_server()
    for _ in range(2):
        url = f"http://{HOST}:{server.read_process_file().get('port', 0)}{path}"
        try:
            return send(method, url, make_key(server.folder), body, seconds, colour)
        except JobError:
            server.start()
    raise JobError("The endpoint does not answer: run the same command again.", ErrorKind.unavailable)


def send_through(url: str, key: str, body: str) -> tuple[int, str, str]:
    """One request through a connection. The endpoint is started where it is not running. Raises JobError."""
    try:
        return send("POST", url, key, body, ANSWER_SECONDS)
    except JobError:
        if not local_server().exists():
            raise
        local_server().start()
        return send("POST", url, key, body, ANSWER_SECONDS)


def send(
    method: str, url: str, key: str, body: str | None, seconds: float, colour: str | None = None
) -> tuple[int, str, str]:
    """One request over http to this computer. Raises JobError where nobody answers."""
    parts = urlsplit(url)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        chosen = {DEPLOYMENT: colour} if colour else {}
        connection.request(method, path, body and body.encode(), {**headers, **chosen})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace"), response.getheader(DEPLOYMENT) or ""
    except (OSError, http.client.HTTPException) as error:
        raise JobError(
            f"The endpoint at {parts.netloc} does not answer ({error}): `python -m jobs finetune status`.",
            ErrorKind.unavailable,
        ) from error
    finally:
        connection.close()
