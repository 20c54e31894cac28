"""The command `speak`."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.speak.speech import Speak

app = typer.Typer()


class Backend(StrEnum):
    azure_speech = "azure-speech"
    openai = "openai"
    espeak = "espeak"


@app.command(epilog='Example: python -m jobs speak "Hola, clase" --out hola.wav --language es')
def speak(
    text: Annotated[str, typer.Argument(metavar="TEXT|@FILE", help="What to say, or a file of it.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The audio file; its suffix is its format.")
    ] = None,
    backend: Annotated[
        Backend | None, typer.Option("--backend", help="What speaks. Default: espeak here, azure-speech for a stack.")
    ] = None,
    voice: Annotated[str, typer.Option("--voice", metavar="NAME", help="A voice. Default: one of the language.")] = "",
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="Such as es, es-CO or en.")] = "es",
    voices: Annotated[
        bool, typer.Option("--voices", help="List Azure's voices of the language, and say nothing.")
    ] = False,
    model: Annotated[str, typer.Option("--deployment", metavar="ALIAS", help="The deployment, for openai.")] = "tts",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Say a text into an audio file."""
    from jobs.assistant.prompt import read_text_option
    from jobs.speak.run import speak_to_file
    from jobs.speak.speech import Speech, choose_format

    chosen = backend or (Backend.espeak if target == "local" and outputs is None else Backend.azure_speech)
    if voices:
        list_voices(target, outputs, language, as_json)
        return
    said = read_text_option(text)
    if not said.strip() or out is None:
        raise typer.BadParameter("give TEXT and --out FILE", param_hint="TEXT")
    formats, say = open_backend(chosen, model, target, outputs)
    speech = Speech(text=said, voice=voice, language=language, format=choose_format(out, formats, chosen.value))
    terminal.print_result(speak_to_file(chosen.value, say, speech, out, force), as_json)


def open_backend(backend: Backend, model: str, target: str, outputs: Path | None) -> "tuple[tuple[str, ...], Speak]":
    """The formats of a backend, and what speaks. Only its own libraries are imported."""
    from jobs.target import load_target

    if backend is Backend.espeak:
        from jobs.speak import espeak

        return espeak.FORMATS, espeak.speak_locally
    stack = load_target(target, outputs)
    if backend is Backend.azure_speech:
        from jobs.speak import azure_speech

        return azure_speech.FORMATS, azure_speech.AzureSpeech(stack, target).speak
    from jobs.azure.openai import OPENAI_SCOPE, Connection
    from jobs.errors import ErrorKind, JobError
    from jobs.speak import openai_speech

    if not stack.openai_url:
        raise JobError(f"The stack {target} has no output openai_url: run `pulumi up`.", ErrorKind.not_found)
    connection = Connection(stack.openai_url, OPENAI_SCOPE, target)
    return openai_speech.FORMATS, partial(openai_speech.speak_with_openai, connection, model)


def list_voices(target: str, outputs: Path | None, language: str, as_json: bool) -> None:
    """Print the voices of Azure Speech."""
    from jobs.speak.azure_speech import AzureSpeech
    from jobs.speak.voices import VoiceList
    from jobs.target import load_target

    names = AzureSpeech(load_target(target, outputs), target).list_voices(language)
    terminal.print_result(VoiceList(language=language, voices=names), as_json)
