"""Find the documents below the paths that a user names, and read one of any format."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from jobs.documents.blocks import Block, UnreadableDocumentError
from jobs.documents.html_files import read_html
from jobs.documents.markdown_files import read_markdown
from jobs.documents.pdf_files import read_pdf
from jobs.documents.record_files import read_csv, read_json
from jobs.documents.text_files import read_text
from jobs.errors import ErrorKind, JobError

READERS: dict[str, Callable[[bytes], list[Block]]] = {
    ".md": read_markdown,
    ".txt": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".csv": read_csv,
    ".json": read_json,
}
MOST_BYTES = 50 * 2**20


def find_documents(paths: Iterable[Path], root: Path | None = None) -> Iterator[tuple[str, Path]]:
    """The files to read, each once, with the name that citations show: files as named, readable ones of folders.

    The name is the path below `root` (default: the current folder), else below the folder that holds what was named.
    Hidden files and folders are left out, and linked folders are not followed. A folder that cannot be listed is given
    itself, so that reading it says why. Raises JobError for a path that does not exist.
    """
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise JobError(f"There is no file or folder {path}: name one that exists.", ErrorKind.not_found)
        for file in [path] if path.is_file() else walk(path):
            real = resolve(file)
            if real not in seen:
                seen.add(real)
                yield name_document(real, path.resolve(), (root or Path.cwd()).resolve()), file


def resolve(file: Path) -> Path:
    """The file without links; a link that leads to itself as it is."""
    try:
        return file.resolve()
    except RuntimeError:  # before Python 3.13
        return file.absolute()


def is_gone(file: Path) -> bool:
    """Whether a file does not exist; one that may not be looked at is not gone."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def walk(folder: Path) -> Iterator[Path]:
    closed: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in READERS and not name.startswith("."):
                yield Path(place, name)
    yield from closed


def name_document(file: Path, named: Path, root: Path) -> str:
    return file.relative_to(root if file.is_relative_to(root) else named.parent).as_posix()


def as_text(name: str) -> str:
    """The name, where it is text. Raises UnreadableDocumentError: Linux allows any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UnreadableDocumentError("the file's name is not valid text: rename it") from None
    return name


def read_blocks(file: Path, data: bytes) -> list[Block]:
    """The blocks of a file's bytes. Raises UnreadableDocumentError."""
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise UnreadableDocumentError(f"not one of the formats {' '.join(READERS)}")
    blocks = [replace(block, text=clean(block.text), heading=clean(block.heading)[:200]) for block in reader(data)]
    if not any(block.text for block in blocks):
        raise UnreadableDocumentError("there is no text in it")
    return blocks


def clean(text: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL, and halves of characters, which JSON can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()
