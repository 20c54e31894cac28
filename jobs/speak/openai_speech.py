"""Speak with the stack's deployment `tts`: a model of OpenAI's, while there is one.

tts, tts-hd and gpt-4o-mini-tts retire on 2026-12-15: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/model-retirements
"""

from datetime import UTC, date, datetime

from jobs import terminal
from jobs.azure.openai import Connection, open_client
from jobs.azure.openai_refusal import MissingDeploymentError, translate_refusals
from jobs.errors import ErrorKind, JobError
from jobs.speak.speech import Speech, Spoken

ALIAS, VOICE = "tts", "alloy"
FORMATS = ("mp3", "wav", "opus", "aac", "flac", "pcm")
RETIRES = date(2026, 12, 15)
SOON = 60  # days
MOST_CHARACTERS = 4096


def speak_with_openai(connection: Connection, model: str, speech: Speech) -> Spoken:
    """The audio. Raises JobError."""
    today = datetime.now(UTC).date()
    if connection.stack and (RETIRES - today).days <= SOON:
        state = "retires" if today < RETIRES else "has retired"
        terminal.log(f"OpenAI's speech at Azure {state} on {RETIRES}: `--backend azure-speech` goes on.")
    if len(speech.text) > MOST_CHARACTERS:
        raise JobError(
            f"The model takes {MOST_CHARACTERS:,} characters, and the text has {len(speech.text):,}: cut it, or use "
            "`--backend azure-speech` with a .wav file.",
            ErrorKind.invalid,
        )
    voice = speech.voice or VOICE
    try:
        with translate_refusals(connection, model), open_client(connection) as client:
            reply = client.audio.speech.create(
                model=model,
                voice=voice,
                input=speech.text,
                response_format=speech.format,  # type: ignore[arg-type]
            )
            return Spoken(reply.read(), voice)
    except MissingDeploymentError as error:
        raise JobError(f"{error} `--backend azure-speech` needs no deployment.", error.kind) from error
