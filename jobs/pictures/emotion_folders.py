"""Check that the folders of a folder can be emotions. Else each picture would get a wrong label."""

from pathlib import Path

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.pictures import subfolders
from jobs.pictures.names import is_container, is_emotion, is_other_split, is_train


def check_emotion_folders(folder: Path) -> None:
    """Raise JobError if a folder is too deep, too high, or holds pictures without a label."""
    children = subfolders.list_folders(folder)
    if any(is_emotion(each.name) for each in children):
        check_others(folder, children)
        return
    if is_too_deep(folder):
        above = top_of_emotions(folder)
        raise invalid(f"{folder} is the folder of one emotion: give {above}, which holds the emotion folders.")
    if subfolders.holds_pictures(folder) and not any(map(subfolders.hold_pictures_below, children)):
        raise invalid(
            f"The pictures in {folder} are not in emotion folders: move each into one, such as "
            f"{folder / 'happy'}. FERPlus has such a folder for no picture: use FER2013 as folders, or its fer2013.csv."
        )
    check_others(folder, children)
    check_depth(folder, [each for each in children if not is_other_split(each.name)])


def check_others(folder: Path, children: list[Path]) -> None:
    """Say which folders are passed over. Raise JobError for a folder that is certainly not an emotion."""
    splits = [each for each in children if is_other_split(each.name)]
    for child in children:
        if is_container(child.name) and subfolders.hold_pictures_below(child):
            raise invalid(
                f"The folder {child} does not have the name of an emotion: give it as DIR if it holds the emotion "
                "folders, else move it elsewhere or rename it."
            )
    if splits and len(splits) == len(children) and not subfolders.holds_pictures(folder):
        raise invalid(
            f"{folder} holds {splits[0].name} and not train: give {splits[0]} if you want those pictures in the table."
        )
    if splits:
        names = ", ".join(each.name for each in splits)
        terminal.log(f"Passed over in {folder}: {names} (not training pictures)")


def check_depth(folder: Path, children: list[Path]) -> None:
    """Raise JobError if every picture lies two levels below the folder: then it may be too high.

    A folder that may not be listed counts as an emotion's.
    """
    if any(subfolders.holds_pictures(each) or not subfolders.may_be_listed(each) for each in children):
        return
    nested = [each for each in children if subfolders.hold_pictures_below(each)]
    if nested:
        raise invalid(
            f"It is not clear which folders below {folder} are the emotions: give {nested[0]} if it holds them, or "
            f"move the pictures of an emotion directly into its folder in {folder}."
        )


def is_too_deep(folder: Path) -> bool:
    """Return whether a folder lies one or two levels too deep: it, or the one above it, is an emotion's."""
    path = folder.resolve()
    return is_emotion(path.name) or (is_emotion(path.parent.name) and is_train(path.parent.parent.name))


def top_of_emotions(folder: Path) -> Path:
    """Return the folder that holds the emotion folder in which `folder` lies."""
    path = folder.resolve()
    return path.parent if is_emotion(path.name) else path.parent.parent


def invalid(sentence: str) -> JobError:
    return JobError(sentence, ErrorKind.invalid)
