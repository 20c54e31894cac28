"""What a reader makes of a file: blocks, the smallest parts of a text that are kept whole where there is room."""

from dataclasses import dataclass


class UnreadableDocumentError(Exception):
    """Why a file gives no text, for people."""


@dataclass(frozen=True)
class Block:
    """One paragraph, table row or record. `heading` is the title that it stands under, "" without one.

    `page` counts from 1, None where the file has no pages.
    """

    text: str
    heading: str = ""
    page: int | None = None
