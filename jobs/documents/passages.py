"""Cut the blocks of one document into passages of about 900 characters."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.documents.blocks import Block

MOST_CHARACTERS = 900
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\"'«“¿¡(\[A-ZÁÉÍÓÚÑÜ0-9])|\n+")

SPACE, WORD = re.compile(r"\s+"), re.compile(r"\S")


@dataclass(frozen=True)
class Passage:
    """A part of one document, below one heading and on one page."""

    text: str
    heading: str
    page: int | None


def cut_passages(blocks: Iterable[Block]) -> list[Passage]:
    """Passages of whole blocks where they fit; a longer block is cut at sentences, then at words."""
    passages: list[Passage] = []
    for block in blocks:
        for text in cut_text(block.text):
            last = passages[-1] if passages else None
            same_place = last and (last.heading, last.page) == (block.heading, block.page)
            if last and same_place and len(last.text) + 2 + len(text) <= MOST_CHARACTERS:
                passages[-1] = Passage(f"{last.text}\n\n{text}", last.heading, last.page)
            else:
                passages.append(Passage(text, block.heading, block.page))
    return passages


def cut_text(text: str) -> Iterator[str]:
    """The text in parts of at most MOST_CHARACTERS. The rest is not copied for each: a paragraph may have 50 MB."""
    start = 0
    while len(text) - start > MOST_CHARACTERS:
        end = last_end(SENTENCE_END, text, start) or last_end(SPACE, text, start) or start + MOST_CHARACTERS
        yield text[start:end].rstrip()
        word = WORD.search(text, end)
        start = word.start() if word else len(text)
    if start < len(text):
        yield text[start:]


def last_end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where the last match in the MOST_CHARACTERS from `start` ends, 0 where there is none in their second half."""
    ends = [match.end() for match in pattern.finditer(text, start + MOST_CHARACTERS // 2, start + MOST_CHARACTERS)]
    return ends[-1] if ends else 0


def split_sentences(text: str) -> list[str]:
    """The sentences of a passage, lines of lists and tables each as one."""
    joined = re.sub(r"(?<![.!?:;|])\n(?![-*|#\d`>\s])", " ", text)  # lines that a writer broke at a width
    return [part.strip() for part in SENTENCE_END.split(joined) if part and part.strip()]
