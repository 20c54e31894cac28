"""Text to speech of Azure over REST: it takes one form of the token, and SSML that is XML.

https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from jobs.speak.wav import build_wav
from tests.azure_fakes.cloud import Request, Response

VOICES = [{"ShortName": "es-CO-SalomeNeural", "Locale": "es-CO"}, {"ShortName": "en-US-AvaNeural", "Locale": "en-US"}]


@dataclass
class Speech:
    """`token` and `host` are what it takes; `texts` what it was asked to say, by voice; `status` a refusal."""

    token: str = "marker-token-of-the-tests"
    host: str = "ai-fer.cognitiveservices.azure.com"
    texts: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200

    def __call__(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {self.token}" or request.host != self.host:
            return Response(401, b"Unauthorized", {"Content-Type": "text/plain"})
        if self.status != 200:
            wait = {"Retry-After": "0.01"} if self.status == 429 else {}
            return Response(self.status, b"Because.", {"Content-Type": "text/plain", **wait})
        if request.path.endswith("/voices/list"):
            return Response(200, VOICES)
        document = ET.fromstring(request.body)  # noqa: S314 - the tests' own
        voice = document[0]
        self.texts.append((voice.attrib["name"], voice.text or ""))
        wav = request.headers["x-microsoft-outputformat"].startswith("riff")
        audio = build_wav(b"\1\0" * len(voice.text or ""), 24000) if wav else b"ID3"
        return Response(200, audio, {"Content-Type": "audio/x"})
