"""documents add --to azure-search: the service's index is the collection, and is searched with the same citations."""

import json
import signal
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from jobs.documents.azure_search import index_name
from jobs.entry import main
from jobs.target import Target
from tests.azure_fakes.ai_search_passages import PassageService
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.openai_embeddings import Embeddings
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.fake_programs import FakeProgram
from tests.jobs.assistant.conftest import HOST
from tests.jobs.killed import Killed

SEARCH = "srch-fer.search.windows.net"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def service(cloud: Cloud) -> PassageService:
    """The stack's search service."""
    cloud.services[SEARCH] = PassageService()
    return cloud.services[SEARCH]  # type: ignore[return-value]


@pytest.fixture
def folder(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three notes, and the outputs of a stack with a search service and no deployment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "lab.md").write_text("# The lab\n\nThe lab is open from 8 to 18.\n")
    (tmp_path / "notes" / "grades.md").write_text("# Grades\n\nA report that is late loses half a point.\n")
    (tmp_path / "notes" / "es.txt").write_text("La calificación baja medio punto cada día de retraso.")
    write_outputs(tmp_path, target)
    return tmp_path


def write_outputs(folder: Path, target: Target, **values: str) -> None:
    stack = replace(target, search_url=f"https://{SEARCH}", pipeline_runner="data_factory", **values)
    (folder / "outputs.json").write_text(json.dumps(asdict(stack)))


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command for that stack. Returns its object."""

    def command(*words: str, status: int = 0) -> dict[str, Any]:
        assert main([*words, "--outputs", "outputs.json", "--json"]) == status
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return command


def add(run: Run, *more: str, status: int = 0) -> dict[str, Any]:
    return run("documents", "add", "notes", "--to", "azure-search", *more, status=status)


def test_only_what_differs_is_sent_and_what_is_gone_is_deleted(run: Run, service: PassageService, folder: Path) -> None:
    words = ("--embed-model", "words")
    assert add(run, *words)["indexed"] == {"index": "documents-documents", "sent": 3, "deleted": 0}
    assert add(run, *words)["indexed"]["sent"] == 0
    (folder / "notes" / "lab.md").write_text("# The lab\n\nThe lab is closed.\n")
    (folder / "notes" / "es.txt").unlink()
    indexed = add(run, *words)["indexed"]
    assert (indexed["sent"], indexed["deleted"]) == (1, 1)
    assert {each["document"] for each in service.documents["documents-documents"].values()} == {
        "notes/lab.md",
        "notes/grades.md",
    }
    assert run("documents", "remove", "notes/lab.md")["removed"] == ["notes/lab.md"]
    assert len(service.documents["documents-documents"]) == 1


def test_passages_are_found_there_with_the_same_places(run: Run, service: PassageService) -> None:
    add(run, "--embed-model", "words")
    question = 'what happens to a late report -- "NOT" *?'
    (here, there) = (
        run("documents", "search", question, "--k", "1", *where)["results"]
        for where in ((), ("--from", "azure-search"))
    )
    assert (there[0]["by"], here[0]["by"]) == ("azure-search", "words")
    assert {key: there[0][key] for key in ("n", "document", "heading", "page", "text")} == {
        key: here[0][key] for key in ("n", "document", "heading", "page", "text")
    }
    assert not set('-"*?') & set(service.asked[0]["search"]), "operators of the query language are not sent"
    (spanish,) = run("documents", "search", "¿CALIFICACION?", "--k", "1", "--from", "azure-search")["results"]
    assert spanish["document"] == "notes/es.txt"
    assert run("documents", "search", "the of", "--from", "azure-search")["results"] == []


def test_with_a_deployment_embed_one_request_asks_by_both(
    run: Run, service: PassageService, folder: Path, target: Target, cloud: Cloud
) -> None:
    cloud.services[HOST] = Embeddings()
    write_outputs(folder, target, openai_url=f"https://{HOST}/openai/v1/")
    assert add(run)["dimensions"] == 512
    assert run("documents", "search", "late report", "--from", "azure-search")["results"]
    (body,) = service.asked
    assert (body["search"], len(body["vectorQueries"][0]["vector"])) == ("late report", 512)
    (definition,) = service.indexes.values()
    (vector,) = [each for each in definition["fields"] if each["name"] == "vector"]
    assert (vector["dimensions"], vector["retrievable"], vector["stored"]) == (512, False, False)


def test_another_model_makes_the_index_again(
    run: Run, service: PassageService, cloud: Cloud, folder: Path, target: Target
) -> None:
    add(run, "--embed-model", "words")
    cloud.services[HOST] = Embeddings()
    write_outputs(folder, target, openai_url=f"https://{HOST}/openai/v1/")
    assert add(run, status=1)["kind"] == "conflict"
    assert add(run, "--replace")["indexed"]["sent"] == 3


def test_an_answer_cites_what_the_service_found(
    run: Run, service: PassageService, cloud: Cloud, folder: Path, target: Target
) -> None:
    add(run, "--embed-model", "words")
    models = cloud.services[HOST] = Models()
    write_outputs(folder, target, openai_url=f"https://{HOST}/openai/v1/")
    models.replies.append(Say("Half a point [1]."))
    result = run("chat", "ask", "What of a late report?", "--data", "--from", "azure-search", "--k", "1")
    (citation,) = result["citations"]
    assert (citation["document"], citation["heading"]) == ("notes/grades.md", "Grades")
    assert "loses half a point" in citation["quote"]


def test_what_is_not_there_or_not_whole_is_said(
    run: Run, service: PassageService, folder: Path, target: Target
) -> None:
    assert "--to azure-search" in run("documents", "search", "x", "--from", "azure-search", status=1)["error"]
    add(run, "--embed-model", "words")
    definition = service.indexes["documents-documents"]
    definition["description"] = definition["description"].replace("true", "false")
    assert "did not finish" in run("documents", "search", "lab", "--from", "azure-search")["note"]
    definition["description"] = "mine"
    assert add(run, "--embed-model", "words", status=1)["kind"] == "conflict"
    write_outputs(folder, replace(target, search_url=""))
    stack = json.loads((folder / "outputs.json").read_text()) | {"search_url": ""}
    (folder / "outputs.json").write_text(json.dumps(stack))
    assert "search service" in add(run, status=1)["error"]


@pytest.mark.parametrize(
    ("collection", "begins"),
    [
        ("notes", "documents-notes"),
        ("Mis notas", "documents-mis-notas-"),
        ("año", "documents-a-o-"),
        ("¿?", "documents-"),
    ],
)
def test_the_name_of_an_index_is_lawful_and_of_one_collection(collection: str, begins: str) -> None:
    name = index_name(collection)
    assert name.startswith(begins) and "--" not in name and not name.endswith("-")
    assert index_name("mis-notas") != index_name("Mis notas")


@pytest.mark.parametrize("at", range(6))
def test_a_killed_add_goes_on(
    service: PassageService, az: FakeProgram, cloud: Cloud, project: Path, folder: Path, at: int
) -> None:
    """Killed at each request to the service: what it has is not sent again, and the index is whole in the end."""
    command = ("documents", "add", "notes", "--to", "azure-search", "--embed-model", "words")
    killed = Killed(cloud, project, SEARCH)
    assert killed.run(*command, "--outputs", "outputs.json", at=at)[0] in (-signal.SIGKILL, 0)
    status, err = killed.run(*command, "--outputs", "outputs.json")
    assert status == 0, err
    ((name, documents),) = service.documents.items()
    assert (len(documents), json.loads(service.indexes[name]["description"])["whole"]) == (3, True)
