"""Lines of a summary that is about pictures: emotions, failures, and what was passed over."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from jobs.errors import ErrorKind, JobError

MOST_FAILURES = 10
MOST_EMOTIONS = 20


class Failure(Protocol):
    """A picture that cannot be used."""

    @property
    def filepath(self) -> str: ...

    @property
    def reason(self) -> str: ...


def failure_lines(failed: Sequence[Failure]) -> list[str]:
    """Return a line for each of the first failures, and one that says how many more there are."""
    lines = [f"  {each.filepath}: {each.reason}" for each in failed[:MOST_FAILURES]]
    more = len(failed) - MOST_FAILURES
    return [*lines, f"  and {more:,} more: --json lists all"] if more > 0 else lines


def emotion_lines(emotions: Mapping[str, int]) -> list[str]:
    """Return one line with the number of pictures of each emotion, or none if there is no picture."""
    shares = [f"{count} {emotion}" for emotion, count in emotions.items()]
    more = len(shares) - MOST_EMOTIONS
    shown = [*shares[:MOST_EMOTIONS], f"and {more} emotions more"] if more > 0 else shares
    return ["  " + ", ".join(shown)] if shown else []


def passed_over_lines(passed_over: Mapping[str, int]) -> list[str]:
    return [f"  {describe_passed_over(passed_over)}"] if passed_over else []


def describe_passed_over(passed_over: Mapping[str, int]) -> str:
    """Return a part of a sentence about picture files of other formats, such as "3 files passed over (2 .webp, 1 .gif),
    only .jpg, .jpeg and .png are read".
    """
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(passed_over.items()))
    files = "file" if sum(passed_over.values()) == 1 else "files"
    return f"{sum(passed_over.values())} {files} passed over ({kinds}), only .jpg, .jpeg and .png are read"


def nothing_usable(folder: str, failed: Sequence[Failure]) -> JobError:
    """Return the error for a folder in which every picture failed. Its object of `--json` lists all of them."""
    first = f"the first, {failed[0].filepath}: {failed[0].reason}" if failed else "and none is left"
    return JobError(
        f"None of the {len(failed):,} pictures in {folder} can be used ({first}). Give a folder with complete JPEG or "
        "PNG files as train/<emotion>/<name>.jpg; --json lists every reason.",
        ErrorKind.invalid,
        {"failed": [{"filepath": each.filepath, "reason": each.reason} for each in failed]},
    )
