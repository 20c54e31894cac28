"""Decode the bytes of a text file, and read plain text."""

import re

from jobs.documents.blocks import Block, UnreadableDocumentError

BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def decode(data: bytes) -> str:
    """The text of UTF-8, of UTF-16 with a byte order mark (PowerShell's `>`), or of Windows' western encoding.

    Raises UnreadableDocumentError for what is not text.
    """
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
        break
    raise UnreadableDocumentError("not text in UTF-8, UTF-16 or Windows-1252: save it as UTF-8")


def read_text(data: bytes) -> list[Block]:
    """One block a paragraph: paragraphs are separated by empty lines."""
    paragraphs = re.split(r"\n\s*\n", decode(data))
    return [Block(paragraph.strip()) for paragraph in paragraphs if paragraph.strip()]
