"""Speak with the stack's deployment `tts`: a model of OpenAI's, while there is one.

tts, tts-hd and gpt-4o-mini-tts retire on 2026-12-15: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/model-retirements
"""

from datetime import UTC, date, datetime

from jobs import terminal
from jobs.azure.openai import Connection, open_client
from jobs.azure.openai_refusal import MissingDeploymentError, translate_refusals
from jobs.errors import ErrorKind, JobError
from jobs.speak.speech import Speech, Spoken
from jobs.speak.ssml import cut_sentences
from jobs.speak.wav import join_wavs

ALIAS, VOICE = "tts", "alloy"
FORMATS = ("mp3", "wav", "opus", "aac", "flac", "pcm")
RETIRES = date(2026, 12, 15)
SOON = 60  # days
JOINED = ("wav", "pcm")
MOST_CHARACTERS = 4096
UNPRICED = "What it cost is not known here: only the prices of Azure Speech are looked up."


def speak_with_openai(connection: Connection, model: str, speech: Speech) -> Spoken:
    """The audio. Raises JobError."""
    today = datetime.now(UTC).date()
    if connection.stack and (RETIRES - today).days <= SOON:
        state = "retires" if today < RETIRES else "has retired"
        terminal.log(f"OpenAI's speech at Azure {state} on {RETIRES}: `--backend azure-speech` goes on.")
    parts = list(cut_sentences(speech.text, MOST_CHARACTERS))
    if len(parts) > 1 and speech.format not in JOINED:
        raise JobError(
            f"The model takes {MOST_CHARACTERS:,} characters, and the text has {len(speech.text):,}: write "
            f"{' or '.join('.' + each for each in JOINED)}, whose parts can be joined, or a file for each part.",
            ErrorKind.invalid,
        )
    voice, audio = speech.voice or VOICE, []
    try:
        with translate_refusals(connection, model), open_client(connection) as client:
            for part in parts:
                reply = client.audio.speech.create(
                    model=model,
                    voice=voice,
                    input=part,
                    response_format=speech.format,  # type: ignore[arg-type]
                )
                audio.append(reply.read())
        return Spoken(join_wavs(audio) if speech.format == "wav" else b"".join(audio), voice, note=UNPRICED)
    except MissingDeploymentError as error:
        raise JobError(f"{error} `--backend azure-speech` needs no deployment.", error.kind) from error
