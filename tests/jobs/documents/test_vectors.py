"""Which model finds by meaning: the stack's deployment, MiniLM with its real weights; never a mix of two."""

import json
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.azure.openai import OPENAI_SCOPE, Connection
from jobs.documents import minilm
from jobs.documents.add import AddOptions, AddResult, add_documents
from jobs.documents.search import Search, merge_ranks, search_documents
from jobs.documents.vectors import EmbedChoice
from jobs.entry import main
from jobs.errors import JobError
from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.openai_embeddings import Embeddings
from tests.environment import changed_variables

HOST = "ai-fer.openai.azure.com"
AZURE = Connection(f"https://{HOST}/openai/v1/", OPENAI_SCOPE, "dev")
needs_minilm = pytest.mark.skipif(not minilm.is_installed(), reason="requirements-documents.txt is not installed")


@pytest.fixture
def stack(target: Target, cloud: Cloud) -> Target:
    cloud.services[HOST] = Embeddings()
    return replace(target, openai_url=AZURE.base_url)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("# Felines\n\nThe kitten purrs on the sofa.")
    (tmp_path / "b.md").write_text("# Money\n\nThe bank raises the interest rate.")
    return tmp_path


def fill(target: Target, files: Path, model: str | None = None, replace: bool = False, stack: bool = True) -> AddResult:
    choice = EmbedChoice(model, AZURE if stack else None, is_stack=stack)
    return add_documents(target, [files], AddOptions(collection="documents", choice=choice, replace=replace))


def vectors(target: Target) -> Any:
    with open_connection(target) as db:
        return fetch_value(db, "SELECT array_agg(vector_dims(vector)) FROM passage")


def test_the_stacks_deployment_embeds_once(
    stack: Target, files: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = cloud.services[HOST]
    assert isinstance(fake, Embeddings)
    result = fill(stack, files)
    assert f"text-embedding-3-small at {HOST}." in capsys.readouterr().err
    assert (result.model, result.dimensions, vectors(stack)) == ("text-embedding-3-small", 512, [512, 512])
    assert {body["dimensions"] for body in cloud.bodies("POST", "/embeddings")} == {512}
    before = len(fake.texts)
    assert fill(stack, files).unchanged == 2 and fake.texts[before:] == ["probe"]
    found = search_documents(stack, Search(query="kitten purrs", connection=AZURE)).results
    assert (found[0].document, found[0].by) == ("a.md", "both")


def test_without_the_deployment_words_are_enough(
    stack: Target, files: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.services[HOST] = Embeddings(models={})
    monkeypatch.setattr(minilm, "is_installed", lambda: False)
    result = fill(stack, files)
    assert (result.model, result.added) == (None, 2) and "by words alone" in result.summary()
    with pytest.raises(JobError, match=r"no deployment other.*models preflight"):
        fill(stack, files, "other")


def test_two_models_never_mix_and_replace_computes_all_again(stack: Target, files: Path, cloud: Cloud) -> None:
    fill(stack, files, "words")
    with pytest.raises(JobError, match=r"words alone.*text-embedding-3-small \(512 numbers\).*--replace"):
        fill(stack, files)
    assert vectors(stack) == [None, None]
    assert fill(stack, files, replace=True).unchanged == 2
    assert vectors(stack) == [512, 512]
    cloud.services[HOST] = Embeddings(models={"embed": "another-model"})
    with pytest.raises(JobError, match=r"another-model with 512 numbers answers now.*--replace"):
        search_documents(stack, Search(query="kitten", connection=AZURE))


@needs_minilm
def test_minilm_finds_what_shares_no_word_and_spanish_goes_by_words(target: Target, files: Path) -> None:
    result = fill(target, files, stack=False)
    assert (result.model, result.dimensions) == ("all-MiniLM-L6-v2", 384)
    found = search_documents(target, Search(query="a young cat")).results
    assert [(each.document, each.by) for each in found] == [("a.md", "meaning")]
    assert search_documents(target, Search(query="¿qué es lo que hay en el sofa?")).results[0].by == "words"


@needs_minilm
def test_minilm_asks_nobody_and_leaves_the_hub_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable such as HF_HUB_OFFLINE would stay, and `finetune --model OWNER/NAME` of the same process fail."""
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *host, **options: asked.append(host) or [])
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    before = dict(os.environ)
    minilm.load_network.__wrapped__()
    assert (asked, changed_variables(before)) == ([], {})


@needs_minilm
def test_other_weights_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(JobError, match="SHA-256"):
        minilm.check_weights(tmp_path / "model.safetensors")


def test_ranks_are_merged_by_their_reciprocals() -> None:
    merged = merge_ranks({"words": [(1, 0), (2, 0)], "meaning": [(2, 0), (3, 0)]})
    assert [(passage, by) for passage, by, _ in merged] == [((2, 0), "both"), ((1, 0), "words"), ((3, 0), "meaning")]
    assert merged[0][2] == pytest.approx(1 / 61 + 1 / 62)


@pytest.mark.parametrize("url", ["http://example.com/v1", "ftp://127.0.0.1/v1", "https://user:pass@host/v1", "host"])
def test_a_server_that_would_leak_is_refused(laptop: Target, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["documents", "search", "x", "--base-url", url, "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kind"] in ("refused", "invalid") and "pass@" not in printed.out + printed.err
