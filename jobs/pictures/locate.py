"""Find the folder that holds the emotion folders, where the user names one that is too high, or FER2013's CSV file.

A picture's label is the name of a folder, so the wrong folder gives wrong labels. In doubt the user is asked.
"""

from dataclasses import dataclass
from pathlib import Path

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.pictures import subfolders
from jobs.pictures.emotion_folders import check_emotion_folders
from jobs.pictures.fer2013_csv import extract_pictures, find_csv
from jobs.pictures.names import is_container, is_emotion, is_other_split, is_train

DEPTH = 2  # levels below DIR where a folder `train` is looked for
TRAINING = "Training"


@dataclass(frozen=True)
class PicturesFolder:
    """What the user names: a folder of pictures, or the CSV file of FER2013.

    Each filepath becomes <emotion>/<prefix>/<name> if there is a `prefix`. `split` is the Usage of the CSV file's rows;
    None: Training, or the pictures of a folder.
    """

    path: Path
    prefix: str | None = None
    split: str | None = None

    def prefixed(self, name: str) -> str:
        """Return a path below the folder with the prefix after its emotion."""
        emotion, slash, rest = name.partition("/")
        return f"{emotion}/{self.prefix}/{rest}" if self.prefix and slash else name


@dataclass(frozen=True)
class LocatedPictures:
    """`folder` holds the emotion folders. `failed` are rows of a CSV file that are not pictures: (name, reason)."""

    folder: Path
    failed: list[tuple[str, str]]


def locate_pictures(named: PicturesFolder) -> LocatedPictures:
    """Return the folder that holds the emotion folders, and say on stderr which one it is unless that is obvious.

    Rows of a CSV file are written to a folder first. Raises JobError if there is no such folder, or more than one.
    """
    if named.path.is_file():
        return LocatedPictures(*extract_pictures(named.path, named.split or TRAINING))
    if not subfolders.is_folder(named.path):
        raise JobError(
            f"There is no folder {named.path}: give a folder with pictures as train/<emotion>/<name>.jpg.",
            ErrorKind.not_found,
        )
    folder = None if named.split else find_train(named.path)
    if folder is None:
        csv = find_csv(named.path)
        if csv:
            terminal.log(f"Pictures: {named.split or TRAINING} of {csv}")
            return LocatedPictures(*extract_pictures(csv, named.split or TRAINING))
        if named.split:
            raise JobError(
                f"--split chooses rows of fer2013.csv, and there is none in {named.path}: give that file, or leave "
                "out --split.",
                ErrorKind.invalid,
            )
        folder = named.path
    check_emotion_folders(folder)
    if folder not in (named.path, named.path / "train"):
        terminal.log(f"Pictures: {folder}")
    return LocatedPictures(folder.resolve(), [])


def find_train(directory: Path, levels: int = DEPTH) -> Path | None:
    """Return the folder of the training pictures in a folder or up to DEPTH levels below it.

    That is a folder `train`, or one that holds folders named as emotions: the folder itself, perhaps. In a `train`, the
    same is looked for again. None if there is no such folder. Raises JobError if there are several.
    """
    children = subfolders.list_folders(directory)
    found = [each for each in children if is_train(each.name)]
    if not found:
        found = find_candidates(directory, DEPTH)
        if found and directory not in found and any(may_be_emotion(each) for each in children):
            found = [directory, *found]
    if not found:
        return None
    folder = require_one(found, directory)
    return folder if folder == directory or not levels else find_train(folder, levels - 1) or folder


def may_be_emotion(folder: Path) -> bool:
    """Return whether a folder is an emotion's, though it has another name."""
    other = is_other_split(folder.name) or is_container(folder.name)
    return not other and subfolders.holds_pictures(folder)


def find_candidates(folder: Path, depth: int) -> list[Path]:
    """Return the folders `train`, and those that hold folders named as emotions, up to `depth` levels below a folder.

    What lies below an emotion, another split, a `train`, or a link is not searched.
    """
    children = subfolders.list_folders(folder)
    trains = [each for each in children if is_train(each.name)]
    if trains:
        return trains
    found = [folder] if any(is_emotion(each.name) for each in children) else []
    if depth:
        for child in children:
            if not (is_emotion(child.name) or is_other_split(child.name) or child.is_symlink()):
                found += find_candidates(child, depth - 1)
    return found


def require_one(folders: list[Path], directory: Path) -> Path:
    """Return the folder. Raises JobError if there are several different ones."""
    different = {each.resolve(): each for each in folders}
    if len(different) > 1:
        first, second, *more = sorted(different.values())
        others = f" and {len(more)} more" if more else ""
        raise JobError(
            f"{directory} holds several folders of pictures, {first} and {second}{others}: give the one to use.",
            ErrorKind.invalid,
        )
    return folders[0]
