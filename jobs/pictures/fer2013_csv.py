"""FER2013 as one CSV file: its rows become PNG files in a folder of the state folder, once.

Each row is an emotion (0 to 6), the grey values of 48 x 48 pixels, and its Usage: Training, PublicTest or PrivateTest.
https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge/data
"""

import csv
import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.pictures import subfolders
from jobs.pictures.png import SIDE, png_bytes
from jobs.state import exclusive_lock, state_folder, write_atomically

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # FER2013's numbers 0 to 6
NAMES = ("fer2013.csv", "icml_face_data.csv")
DEPTH = 2  # levels below DIR where the file is looked for
RACY_NS = 2_000_000_000  # a file this new may still change without changing its times
LOCK = ("pictures.lock", "Another command has been reading a CSV file")


def find_csv(folder: Path) -> Path | None:
    """Return FER2013's file in a folder or up to DEPTH levels below it. Raises JobError if there are several."""
    level = [folder]
    for _ in range(DEPTH + 1):
        for name in NAMES:
            found = [path for each in level for path in csv_files(each) if path.name.lower() == name]
            if len(found) > 1:
                raise invalid(f"There are two files {name}, {found[0]} and {found[1]}: give the one to use.")
            if found:
                return found[0]
        level = [child for each in level for child in subfolders.list_folders(each)]
    return None


def csv_files(folder: Path) -> list[Path]:
    """Return the CSV files in a folder: none if it may not be listed."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    except OSError:
        return []


def extract_pictures(file: Path, split: str) -> tuple[Path, list[tuple[str, str]]]:
    """Return the folder of a split's pictures, <emotion>/<Usage>_<row>.png, and the rows that are not pictures.

    The same file gives the same folder, and the same pixels give the same bytes on every machine. Raises JobError if
    it is not a file of FER2013, or has no row of the split.
    """
    file = file.resolve()
    digest = hashlib.sha256(str(file).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    folder = state_folder() / "pictures" / f"{file.stem}-{digest}" / split
    mark = folder.with_name(f"{split}.json")
    with exclusive_lock(*LOCK):
        recorded = read_mark(mark)
        stamp = file_stamp(file)
        if stamp is None or recorded.get("stamp") != stamp or not folder.is_dir():
            mark.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            recorded = {"stamp": stamp, "failed": write_pictures(file, split, folder)}
            write_atomically(mark, json.dumps(recorded))
    return folder, [(name, reason) for name, reason in recorded["failed"]]


def read_mark(mark: Path) -> dict[str, Any]:
    """Return what was written when a folder was complete; empty if it is not."""
    try:
        content: dict[str, Any] = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def file_stamp(file: Path) -> list[int] | None:
    """Return what shows that a file has not changed; None if it was changed a moment ago."""
    status = file.stat()
    racy = status.st_mtime_ns >= time.time_ns() - RACY_NS
    return None if racy else [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def write_pictures(file: Path, split: str, folder: Path) -> list[tuple[str, str]]:
    """Write the pictures of a split. Return the rows that are not pictures: (name, reason)."""
    failed, usages = [], Counter[str]()
    with terminal.progress(file.name, None) as advance:
        for number, usage, emotion, pixels in read_rows(file):
            usages[usage or "Training"] += 1
            if (usage or "Training").casefold() != split.casefold():
                continue
            try:
                path = folder / EMOTIONS[parse_emotion(emotion)] / f"{split}_{number:05}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(png_bytes(parse_pixels(pixels)))
            except ValueError as error:
                failed.append((f"{file.name} row {number}", str(error)))
            advance(1)
    if not any(usage.casefold() == split.casefold() for usage in usages):
        known = ", ".join(sorted(usages)) or "none at all"
        raise invalid(f"{file} has no row of {split}: give --split with one that it has ({known}).")
    folder.mkdir(parents=True, exist_ok=True)
    return failed


def read_rows(file: Path) -> Iterator[tuple[int, str, str, str]]:
    """Yield (row, Usage, emotion, pixels) from 1 on. Raises JobError if the file has no such columns."""
    try:
        with file.open(encoding=text_encoding(file), newline="") as stream:
            header = stream.readline()
            delimiter = ";" if header.count(";") > header.count(",") else ","  # Excel writes ; where , is decimal
            columns = [name.strip().strip('"').lower() for name in header.split(delimiter)]
            if not {"emotion", "pixels"} <= set(columns):
                raise invalid(
                    f"{file} does not have the columns emotion and pixels: give the folder of the pictures, or the "
                    "fer2013.csv of FER2013."
                )
            yield from number_rows(csv.reader(stream, delimiter=delimiter), columns)
    except (OSError, UnicodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise invalid(f"{file} cannot be read as CSV ({reason}): download it again.") from error


def number_rows(rows: Iterable[list[str]], columns: list[str]) -> Iterator[tuple[int, str, str, str]]:
    """Yield the three columns of each row, and its number. A missing field is empty."""
    for number, row in enumerate(rows, 1):
        fields = dict(zip(columns, row, strict=False))
        yield number, fields.get("usage", "").strip(), fields.get("emotion", ""), fields.get("pixels", "")


def text_encoding(file: Path) -> str:
    """Return the encoding that a file's first bytes show: PowerShell may write UTF-16."""
    with file.open("rb") as stream:
        return "utf-16" if stream.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def parse_emotion(text: str) -> int:
    """Return the emotion's number. Raises ValueError, whose text is the reason."""
    if not text.strip().isdecimal() or int(text) >= len(EMOTIONS):
        raise ValueError(f"its emotion is {text.strip()!r}, and FER2013 has 0 to {len(EMOTIONS) - 1}")
    return int(text)


def parse_pixels(text: str) -> bytes:
    """Return the grey values of a picture, row by row. Raises ValueError, whose text is the reason."""
    try:
        pixels = bytes(map(int, text.split()))
    except ValueError:
        raise ValueError("its pixels are not numbers from 0 to 255") from None
    if len(pixels) != SIDE * SIDE:
        raise ValueError(f"it has {len(pixels)} pixels, and a picture of FER2013 has {SIDE * SIDE}")
    return pixels


def invalid(sentence: str) -> JobError:
    return JobError(sentence, ErrorKind.invalid)
