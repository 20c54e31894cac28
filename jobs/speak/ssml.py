"""Speech Synthesis Markup Language: the text is data, every character of it escaped, and cut at sentences.

https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-structure
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

MOST_CHARACTERS = 4000  # well below ten minutes of speech, where Azure's audio ends
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


def build_ssml(text: str, voice: str, language: str) -> str:
    """The document that says a text with a voice."""
    head = f"<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang={quoteattr(language)}>"
    return f"{head}<voice name={quoteattr(voice)}>{escape(NOT_XML.sub(' ', text))}</voice></speak>"


def cut_sentences(text: str, most: int = MOST_CHARACTERS) -> Iterator[str]:
    """The text in parts of at most `most` characters, whole sentences where they fit."""
    part = ""
    for sentence in (each.strip() for each in SENTENCE_END.split(text)):
        while len(sentence) > most:
            end = sentence.rfind(" ", 1, most)
            yield from [part] if part else []
            part, sentence = sentence[: end if end > 0 else most], sentence[end if end > 0 else most :].lstrip()
        if part and len(part) + 1 + len(sentence) > most:
            yield part
            part = ""
        part = f"{part} {sentence}".strip()
    if part:
        yield part
