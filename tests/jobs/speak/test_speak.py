"""speak: real eSpeak NG, and Azure's services played."""

import importlib.util
import io
import json
import wave
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.cost.characters import speech_meter
from jobs.cost.prices import Price, save_prices
from jobs.entry import main
from jobs.speak import ssml
from jobs.speak.wav import build_wav
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.speech import Speech

HOST = "ai-fer.cognitiveservices.azure.com"
RESOURCE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/ai-fer"
needs_espeak = pytest.mark.skipif(importlib.util.find_spec("espeakng_loader") is None, reason="requirements-speech.txt")


def speak(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["speak", *words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def speech(services: Target, cloud: Cloud, folder: Path) -> Speech:
    fake = Speech()
    cloud.services["*.cognitiveservices.azure.com"] = cloud.services["*.tts.speech.microsoft.com"] = fake
    stack = replace(
        services, speech_url=f"https://{HOST}/", subscription_id="sub", resource_group="rg", foundry_account="ai-fer",
        foundry_location="eastus2", pipeline_runner="data_factory", openai_url=f"https://{HOST}/openai/v1/",
    )  # fmt: skip
    (folder / "outputs.json").write_text(json.dumps(asdict(stack)))
    return fake


@needs_espeak
def test_this_computer_speaks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = speak(capsys, "Hola, clase. ¿Cómo están?", "--out", "a.wav")
    with wave.open(str(folder / "a.wav")) as file:
        assert 1 < file.getnframes() / file.getframerate() < 10
    assert (result["backend"], result["format"], result["bytes"]) == (
        "espeak",
        "wav",
        (folder / "a.wav").stat().st_size,
    )
    assert result["usd"] == 0
    assert speak(capsys, "x", "--out", "a.wav", status=1)["kind"] == "conflict"
    (folder / "t.txt").write_text("Hello")
    assert speak(capsys, "@t.txt", "--out", "a.wav", "--force", "--language", "en-US")["characters"] == 5
    assert speak(capsys, "x", "--out", "b.mp3", status=1)["kind"] == "invalid"
    assert speak(capsys, "x", "--out", "b.wav", "--voice", "zz-nothing", status=1)["kind"] == "not_found"
    assert speak(capsys, " ", "--out", "b.wav", status=2)["kind"] == "usage"
    assert not (folder / "b.wav").exists()


@pytest.mark.parametrize(
    ("token", "host", "tries"),
    [
        ("marker-token-of-the-tests", HOST, 1),
        (f"aad#{RESOURCE}#marker-token-of-the-tests", HOST, 2),
        (f"aad#{RESOURCE}#marker-token-of-the-tests", "eastus2.tts.speech.microsoft.com", 3),
    ],
)
def test_each_form_of_the_token_is_tried_once(
    speech: Speech, cloud: Cloud, token: str, host: str, tries: int, capsys: pytest.CaptureFixture[str]
) -> None:
    speech.token, speech.host = token, host
    text = "A sentence with <voice name='x'/> & \x00. " * 200
    result = speak(capsys, text, "--out", "a.wav", "--outputs", "outputs.json")
    assert result["voice"] == "es-CO-SalomeNeural" and len(speech.texts) > 1
    logins = [request.headers["authorization"] for request in cloud.requests]
    assert len(set(logins)) == min(tries, 2) and len(set(logins[-len(speech.texts) :])) == 1
    said = " ".join(text for _, text in speech.texts)
    assert said.split() == text.replace("\x00", " ").split()
    with wave.open(io.BytesIO(Path("a.wav").read_bytes())) as file:
        assert file.getnframes() == sum(len(text) for _, text in speech.texts)


def test_what_was_said_has_the_price_of_its_characters_once_it_is_known(
    speech: Speech, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    words = ("--outputs", "outputs.json", "--force", "--out", "a.mp3")
    assert speak(capsys, "Hola, clase", *words)["usd"] is None
    save_prices([Price(speech_meter("eastus2").key, 15.0, "1M", "list", "2026-11-25")])
    assert speak(capsys, "Hola, clase", *words)["usd"] == pytest.approx(11 * 15 / 1e6)
    assert speak(capsys, "\u4f60\u597d!", *words)["usd"] == pytest.approx(5 * 15 / 1e6), "Chinese ones count twice"
    assert speak(capsys, "Hola", *words, "--voice", "en-US-Ava:DragonHDLatestNeural")["usd"] is None
    assert main(["speak", "Hola, clase", *words]) == 0
    assert "0.000165 USD" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, "refused", "three forms"),
        (403, "refused", "Speech User"),
        (400, "invalid", "--voices"),
        (429, "unavailable", "wait"),
    ],
)
def test_a_refusal_is_one_sentence_and_leaves_no_file(
    speech: Speech, status: int, kind: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speech.status = status
    error = speak(capsys, "x", "--out", "a.mp3", "--outputs", "outputs.json", status=1)
    assert error["kind"] == kind and words in error["error"]
    assert not list(folder.glob("a.mp3*"))


def test_voices_and_texts_that_cannot_be_joined(speech: Speech, capsys: pytest.CaptureFixture[str]) -> None:
    assert speak(capsys, "--voices", "--outputs", "outputs.json")["voices"] == ["es-CO-SalomeNeural"]
    error = speak(capsys, "word " * 3000, "--out", "a.mp3", "--outputs", "outputs.json", status=1)["error"]
    assert "wav or raw" in error and speech.texts == []


def test_a_deployment_speaks_and_its_end_is_said(
    speech: Speech, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: Request) -> Response:
        assert request.body == {"model": "tts", "voice": "alloy", "input": "Hi", "response_format": "mp3"}
        return Response(200, b"ID3", {"Content-Type": "audio/mpeg"})

    cloud.services = {HOST: answer}
    words = ["speak", "Hi", "--out", "a.mp3", "--backend", "openai", "--outputs", "outputs.json"]
    assert main(words) == 0
    assert "2026-12-15" in capsys.readouterr().err and Path("a.mp3").read_bytes() == b"ID3"


def test_a_deployment_speaks_a_long_text_in_joined_parts(
    speech: Speech, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def answer(request: Request) -> Response:
        said.append(request.body["input"])
        return Response(200, build_wav(b"\1\0" * len(said[-1]), 24000), {"Content-Type": "audio/wav"})

    cloud.services = {HOST: answer}
    text, words = "One more sentence. " * 500, ["--backend", "openai", "--outputs", "outputs.json"]
    result = speak(capsys, text, "--out", "a.wav", *words)
    assert all(len(part) <= 4096 for part in said) and " ".join(said).split() == text.split()
    with wave.open("a.wav") as file:
        assert file.getnframes() == sum(map(len, said))
    assert result["usd"] is None and "prices of Azure Speech" in result["note"]
    error = speak(capsys, text, "--out", "b.mp3", *words, status=1)["error"]
    assert ".wav or .pcm" in error and not Path("b.mp3").exists()


@given(st.text(max_size=400), st.integers(5, 60))
def test_parts_are_short_and_lose_no_word(text: str, most: int) -> None:
    parts = list(ssml.cut_sentences(text, most))
    assert all(0 < len(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
