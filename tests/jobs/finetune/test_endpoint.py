"""The endpoint on loopback: its key, its header, many requests at once, kills, connection, chat and programs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from jobs.entry import main
from jobs.finetune.flow import write_flow
from jobs.finetune.local import LocalRunner
from jobs.finetune.runner import Connection
from jobs.finetune.serving.endpoint import local_server
from jobs.local.services import service_status
from jobs.wait import wait_until

pytestmark = pytest.mark.slow
ASKED = "Face: the brows are raised, the eyes are wide, the mouth is open and the cheeks are flat. What is it?"
ANSWER = "This face shows surprise."


def body(content: Any = ASKED, **parameters: Any) -> bytes:
    messages = [{"role": "user", "content": content}]
    return json.dumps({"input_data": {"input_string": messages, "parameters": parameters}}).encode()


def post(served: Connection, data: bytes, key: str | None = None, **headers: str) -> tuple[int, str, str | None]:
    """Status, text and the deployment that answered."""
    given = {"Authorization": f"Bearer {served.key if key is None else key}", "Content-Type": "application/json"}
    answer = requests.post(served.url, data=data, headers={**given, **headers}, timeout=120)
    return answer.status_code, answer.text, answer.headers.get("azureml-model-deployment")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "The body is not JSON"),
        (b"{}", "The body has no messages"),
        (b'{"input_data": {"input_string": []}}', "it has no messages"),
        (body(""), "message 1 is empty"),
        (body(5), "message 1 is not a text"),
        (body("word " * 3000), "the model's context has 1024"),
        (body(best_of=3), "'best_of' is not one of max_new_tokens, temperature, top_p, do_sample, stop"),
        (body(temperature=-1), "temperature is not a number from 0 to 100"),
        (body(temperature=True), "temperature is not a number"),
        (body(max_new_tokens=0), "max_new_tokens is not a number from 1 to 4096"),
        (body(max_new_tokens=1.5), "max_new_tokens is not a whole number"),
        (body(do_sample="yes"), "do_sample is not true or false"),
        (body(stop=[""]), "stop is not a text"),
        (b'{"input_data": {"input_string": [{"role": "assistant", "content": "x"}]}}', "roles are out of order"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_bad_request_is_a_sentence_with_400(served: Connection, data: bytes, sentence: str) -> None:
    status, text, _ = post(served, data)
    assert status == 400 and sentence in text


def test_key_deployment_size_and_path_are_checked(served: Connection) -> None:
    assert post(served, body(), key="wrong")[0] == post(served, body(), key="")[0] == 401
    assert post(served, body(), **{"azureml-model-deployment": "red"})[0] == 404
    assert post(served, b"x" * (2**20 + 1))[0] == 413
    assert json.loads(post(served, body(temperature=0, stop=" shows"))[1]) == {"output": "This face"}
    assert json.loads(post(served, body(temperature=0, max_new_tokens=1))[1])["output"] == "This"


def test_sixty_four_requests_at_once_are_all_answered(served: Connection) -> None:
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: post(served, body(temperature=0)), range(64)))
    assert {(status, json.loads(text)["output"]) for status, text, _ in answers} == {(200, ANSWER)}


def test_the_traffic_is_divided_by_weight(served: Connection) -> None:
    folder = local_server().folder
    before = (folder / "state.json").read_text()
    state = json.loads(before)
    state["deployments"]["green"] = state["deployments"]["blue"]
    (folder / "state.json").write_text(json.dumps(state | {"traffic": {"blue": 70, "green": 30}}))
    counts = Counter(post(served, body(temperature=0))[2] for _ in range(200))
    (folder / "state.json").write_text(before)
    assert 30 < counts["green"] < 95 and counts["blue"] + counts["green"] == 200


def test_a_killed_model_and_a_killed_server_answer_again(served: Connection) -> None:
    process = local_server().find_process()
    assert process
    assert wait_until(lambda: len(process.children()) == 1, every=0.1, at_most=30)
    (child,) = process.children()
    os.kill(child.pid, signal.SIGKILL)
    assert json.loads(post(served, body(temperature=0))[1]) == {"output": ANSWER}
    (child,) = process.children()
    os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs([process, child], 30)
    assert not psutil.pid_exists(child.pid) or psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert LocalRunner().send(served, json.loads(body(temperature=0))) == (ANSWER, "blue")


def test_status_and_down_know_it(served: Connection) -> None:
    assert service_status().finetune == served.url
    process = local_server().find_process()
    local_server().stop()
    assert process and not process.is_running() and service_status().finetune is None


def test_chat_sends_the_turns_along_and_resets(
    served: Connection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["finetune", "chat", ASKED, "--temperature", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == ANSWER
    lines = tmp_path / "lines"
    lines.write_text(f"{ASKED}\n\n/reset\n{ASKED}\n/exit\nnever sent\n")
    with lines.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert main(["finetune", "chat", "--temperature", "0"]) == 0
    assert capsys.readouterr().out.splitlines() == [ANSWER, "Forgotten.", ANSWER]


def test_rotate_renews_the_key_and_the_old_one_ends(served: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["finetune", "connect", "--rotate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"connection": "phi", "endpoint": served.url, "rotated": True}
    assert post(served, body())[0] == 401
    assert main(["finetune", "chat", ASKED, "--connection", "other"]) == 1
    assert "There is no connection other" in capsys.readouterr().err


def test_the_key_is_in_no_output_no_log_no_command_line_and_only_in_files_of_its_owner(
    served: Connection, serving_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["connect"], ["status"], ["traffic"], ["chat", ASKED], ["flow", str(serving_folder / "flow")]):
        for form in ([], ["--json"]):
            assert main(["finetune", *words, *form]) == 0
    output = capsys.readouterr()
    assert served.key not in output.out + output.err
    assert not [each for each in psutil.process_iter() if served.key in " ".join(words_of(each))]
    holders = [
        each for each in serving_folder.rglob("*") if each.is_file() and served.key.encode() in each.read_bytes()
    ]
    assert {each.name for each in holders} == {"key", "phi.json"}
    assert os.name == "nt" or not [each for each in holders if each.stat().st_mode & 0o077]


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_the_written_programs_run_as_they_stand(served: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    write_flow(folder, {"connection": "phi", **LocalRunner().connection_places("phi")})
    variables = {**os.environ, "ENDPOINT": served.url, "KEY": served.key}
    program = [sys.executable, "integrate_with_promptflow.py", ASKED]
    done = subprocess.run(program, cwd=folder, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("This face shows")
    pytest.importorskip("agent_framework")
    workflow = [sys.executable, "-W", "ignore", "chat_workflow.py", ASKED]
    done = subprocess.run(workflow, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("This face shows"), done.stderr


def test_what_is_torn_down_is_gone_and_again_is_nothing(served: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    process = local_server().find_process()
    assert main(["finetune", "teardown", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["deleted"] == ["the endpoint and its deployments", "connections"] and "runs" in first["kept"]
    time.sleep(0.1)
    assert process and not process.is_running()
    assert main(["finetune", "teardown", "--models", "--data", "--yes", "--json"]) == 0
    capsys.readouterr()
    assert main(["finetune", "teardown", "--models", "--data", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"deleted": [], "kept": [], "left": [], "bills_per_hour": 0.0}
