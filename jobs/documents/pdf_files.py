"""Read the text of PDF files with pypdf, a page at a time."""

import io
import logging
import re

from jobs.documents.blocks import Block, UnreadableDocumentError

NO_TEXT = "the PDF has no text, only pictures of it: save it with text (OCR), or add its source"


def read_pdf(data: bytes) -> list[Block]:
    """One block a paragraph, with its page. Raises UnreadableDocumentError for damaged, locked and scanned files."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every small fault of a file that it can read
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocumentError("the PDF has a password: save it without one")
        pages = [page.extract_text() for page in reader.pages]
    except UnreadableDocumentError:
        raise
    except Exception as error:  # pypdf raises errors of every kind for a damaged file
        raise UnreadableDocumentError(f"the PDF is damaged ({type(error).__name__}: {error})") from error
    blocks = [
        Block(" ".join(paragraph.split()), page=number)
        for number, text in enumerate(pages, 1)
        for paragraph in re.split(r"\n\s*\n", text.replace("\0", ""))
        if paragraph.strip()
    ]
    if not blocks:
        raise UnreadableDocumentError(NO_TEXT)
    return blocks
