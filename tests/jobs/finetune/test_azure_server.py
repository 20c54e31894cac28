"""The same score.py under Azure's own inference server: the same answers, the same refusals.

The server wants an older pydantic than this project: it gets an environment of its own, with this one's torch.
"""

import json
import os
import socket
import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from jobs.finetune.folder import carried_folder
from jobs.finetune.local import LocalRunner
from jobs.finetune.results import ModelVersion
from jobs.finetune.serving.deployment import DeployOrder, deploy
from tests.jobs.cli_process import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="the server does not run on Windows")]
SERVER = "azureml-inference-server-http==1.4.1"


@pytest.fixture(scope="module")
def azmlinfsrv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of Azure's server."""
    folder = tmp_path_factory.mktemp("azmlinfsrv")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SERVER]
    if subprocess.run(pip, capture_output=True, check=False).returncode:
        pytest.skip("pip cannot install Azure's server here")
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    (packages / "shared.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder / "bin" / "azmlinfsrv"


@pytest.fixture
def url(azmlinfsrv: Path, trained: ModelVersion, tmp_path: Path) -> Iterator[str]:
    """Azure's server with score.py and the trained model."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [str(azmlinfsrv), "--entry_script", "score.py", "--port", str(port)]
    environment = {**os.environ, "AZUREML_MODEL_DIR": trained.path, "OMP_NUM_THREADS": "1"}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(words, cwd=carried_folder(), env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: server.poll() is not None or answers(address), lambda: (tmp_path / "log").read_text())
        yield f"{address}/score"
    finally:
        server.terminate()
        server.wait(60)


def answers(address: str) -> bool:
    """Whether the server has loaded the model: before, it connects and says nothing."""
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


@pytest.mark.exhaustive
def test_azures_server_answers_as_the_laptop_does(url: str, trained: ModelVersion) -> None:
    deploy(LocalRunner(), DeployOrder(confirm=lambda bill: None))
    for question in LocalRunner().questions(trained, 5):
        body = {"input_data": {"input_string": question.messages, "parameters": {"temperature": 0}}}
        answer = requests.post(url, json=body, timeout=120)
        assert answer.status_code == 200
        assert answer.json() == {"output": LocalRunner().ask(body, None)[0]}
    for data in ("{", "{}", json.dumps({"input_data": {"input_string": [], "parameters": {}}})):
        refused = requests.post(url, data=data, timeout=120)
        assert refused.status_code == 400 and refused.text.endswith(".")
