"""Speak with Azure Speech over REST, on the stack's own account.

https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
"""

import json
from collections.abc import Iterator
from typing import Any

from azure.core import PipelineClient
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import HeadersPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest, HttpResponse

from jobs.azure.errors import error_kind, explain_error
from jobs.azure.login import credential
from jobs.azure.retries import Retries
from jobs.cost.characters import price_characters
from jobs.cost.prices import load_prices
from jobs.errors import ErrorKind, JobError, explain
from jobs.speak.speech import Speech, Spoken
from jobs.speak.ssml import build_ssml, cut_sentences
from jobs.speak.wav import join_wavs
from jobs.target import Target

SCOPE = "https://cognitiveservices.azure.com/.default"
ROLE = "Cognitive Services Speech User"
OUTPUTS = {
    "mp3": "audio-24khz-96kbitrate-mono-mp3",
    "wav": "riff-24khz-16bit-mono-pcm",
    "ogg": "ogg-24khz-16bit-mono-opus",
    "raw": "raw-24khz-16bit-mono-pcm",
}
FORMATS = tuple(OUTPUTS)
JOINED = ("wav", "raw")  # parts of the others cannot be put together without decoding them
UNPRICED = "What it cost is not known yet: `python -m jobs cost --refresh` reads the price of a character."
VOICES = {"es": "es-CO-SalomeNeural", "en": "en-US-AvaMultilingualNeural"}
HINTS = {
    "^401": (
        "Azure Speech does not know you, in any of the three forms of the token ({reason}): run `az login`; the role "
        + ROLE + " (`pulumi up` gives it) takes up to ten minutes to count."
    ),
    "^403": "Azure Speech does not allow it ({reason}): you need the role " + ROLE + ", which `pulumi up` gives.",
    "^400": "Azure Speech does not know the voice {voice} or its language ({reason}): `speak --voices` lists them.",
    "^415": "Azure Speech does not take the request ({reason}): update this project.",
    "^429": "Azure Speech gets too many requests from you ({reason}): wait a minute, then run the same command again.",
}  # fmt: skip


class AzureSpeech:
    """A client of the stack's account. The form that the token takes is tried once, then kept."""

    def __init__(self, target: Target, stack: str) -> None:
        if not target.speech_url:
            raise JobError(f"The stack {stack} has no output speech_url: run `pulumi up`.", ErrorKind.not_found)
        self.target = target
        self.forms = list(self.token_forms())

    def token_forms(self) -> Iterator[tuple[str, str]]:
        """The URLs and the beginnings of a token, as public code and documentation have them: they disagree.

        Plain at the account's own domain, with the resource's id there, and with it at the region's.
        """
        target = self.target
        resource = (
            f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}"
            f"/providers/Microsoft.CognitiveServices/accounts/{target.foundry_account}"
        )
        own = f"{target.speech_url.rstrip('/')}/tts"
        yield own, ""
        yield own, f"aad#{resource}#"
        yield f"https://{target.foundry_location}.tts.speech.microsoft.com", f"aad#{resource}#"

    def send(self, method: str, path: str, voice: str = "", **more: Any) -> bytes:
        """The body of an answer. Raises JobError. A refused form of the token is not tried again."""
        policies = [HeadersPolicy(), UserAgentPolicy(sdk_moniker="vector-lake"), Retries()]
        headers = more.pop("headers", {})
        try:
            with PipelineClient[HttpRequest, HttpResponse](self.target.speech_url, policies=policies) as client:
                while True:
                    base, prefix = self.forms[0]
                    login = {"Authorization": f"Bearer {prefix}{credential().get_token(SCOPE).token}"}
                    url = f"{base}/cognitiveservices/{path}"
                    response = client.send_request(HttpRequest(method, url, headers=headers | login, **more))
                    if response.status_code != 401 or len(self.forms) == 1:
                        break
                    self.forms.pop(0)
                body = response.read()
        except AzureError as error:
            text = explain_error(error, "Azure Speech", ROLE, "run the same command again")
            raise JobError(text, error_kind(error)) from error
        if response.status_code == 200:
            return body
        raise refusal(response, body, voice)

    def speak(self, speech: Speech) -> Spoken:
        """The audio. Raises JobError for a text that is too long for a format whose parts cannot be joined."""
        voice = speech.voice or VOICES.get(speech.language.partition("-")[0].lower(), VOICES["en"])
        parts = list(cut_sentences(speech.text))
        if len(parts) > 1 and speech.format not in JOINED:
            raise JobError(
                f"The text has {len(speech.text):,} characters, more than one request says: write "
                f"{' or '.join(JOINED)}, whose parts can be joined, or a file for each part.",
                ErrorKind.invalid,
            )
        audio = [self.say(part, voice, speech) for part in parts]
        usd = price_characters(speech.text, voice, self.target.foundry_location, load_prices())
        whole = join_wavs(audio) if speech.format == "wav" else b"".join(audio)
        return Spoken(whole, voice, usd, UNPRICED if usd is None else "")

    def say(self, text: str, voice: str, speech: Speech) -> bytes:
        headers = {"Content-Type": "application/ssml+xml", "X-Microsoft-OutputFormat": OUTPUTS[speech.format]}
        language = "-".join(voice.split("-")[:2])
        content = build_ssml(text, voice, language).encode()
        return self.send("POST", "v1", voice, headers=headers, content=content)

    def list_voices(self, language: str) -> list[str]:
        """The names of the voices of a language, of all with ""."""
        voices = json.loads(self.send("GET", "voices/list"))
        names = [str(each["ShortName"]) for each in voices if str(each["Locale"]).lower().startswith(language.lower())]
        return sorted(names)


def refusal(response: HttpResponse, body: bytes, voice: str) -> JobError:
    reason = " ".join(body.decode(errors="replace").split())[:200] or response.reason or "no reason given"
    default = "Azure Speech refuses the request ({reason}): run the same command again."
    text = explain(
        f"{response.status_code} {reason}", HINTS, default, reason=f"{response.status_code} {reason}", voice=voice
    )
    kinds = {401: ErrorKind.refused, 403: ErrorKind.refused, 400: ErrorKind.invalid, 429: ErrorKind.unavailable}
    return JobError(text, kinds.get(response.status_code, ErrorKind.failed))
