"""Names of files and folders: which are pictures, emotions or splits, which are passed over, which cannot be used."""

import re
from functools import lru_cache

SUFFIXES = (".jpg", ".jpeg", ".png")
# Pictures too, but not of the table: they are counted, so that nobody misses them.
OTHER_SUFFIXES = {
    *(".webp", ".bmp", ".dib", ".tif", ".tiff", ".heic", ".heif", ".jfif", ".jpe", ".jp2", ".gif"),
    *(".avif", ".jxl", ".pgm", ".ppm", ".tga", ".svg", ".dng"),
}
# Azure refuses control characters. U+FFFE and U+FFFF are not valid in XML: with one of them in a blob's name, Azurite
# can no longer list the container.
UNUSABLE = re.compile(r"[\\\x00-\x1f\x7f-\x9f\ufffe\uffff]")
# Folders that programs make beside pictures, for previews, versions and deleted files. So do names that begin with a
# dot: .ipynb_checkpoints, .git, .Trash-1000, and macOS's ._<name> beside each file.
JUNK = {
    "__macosx",
    "__pycache__",
    "@eadir",
    "@tmp",
    "@recycle",
    "@recently-snapshot",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
}
# What data sets call emotions: FER2013, FERPlus, RAF-DB, AffectNet, CK+, JAFFE; and the same in Spanish.
EMOTIONS = {
    *("angry", "anger", "disgust", "disgusted", "fear", "fearful", "afraid", "scared", "happy", "happiness", "joy"),
    *("neutral", "calm", "sad", "sadness", "surprise", "surprised", "contempt"),
    *("enojo", "enojado", "enfado", "enfadado", "ira", "asco", "miedo", "feliz", "felicidad", "alegria", "alegría"),
    *("alegre", "triste", "tristeza", "sorpresa", "sorprendido", "desprecio", "neutro"),
}
TRAIN = re.compile(r"(fer)?(2013)?(plus)?(images?|data|set)?train(ing)?(images?|data|set)?")
OTHER_SPLIT = re.compile(
    r"(fer)?(2013)?(plus)?(images?|data|set)?(public|private)?(test|testing|val|valid|validation|eval)(images?|data|set)?"
)
# Folders that hold emotion folders, or pictures without a label: never an emotion.
CONTAINERS = {
    *("archive", "archives", "data", "dataset", "datasets", "download", "downloads", "extracted", "face", "faces"),
    *("fer", "fer2013", "ferplus", "image", "images", "img", "imgs", "imagen", "imagenes", "jpg", "jpeg", "kaggle"),
    *("label", "labels", "output", "photo", "photos", "picture", "pictures", "png", "raw"),
}


def is_picture(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def is_junk(name: str) -> bool:
    """Return whether a file or folder is passed over without a word. A file is, if macOS or Windows made it."""
    return name.startswith("._") or name.lower() in JUNK


def is_junk_folder(name: str) -> bool:
    return name.startswith(".") or is_junk(name)


def is_junk_path(path: str) -> bool:
    """Return whether a file's path leads through a folder that is passed over, or to such a file."""
    *folders, name = path.split("/")
    return is_junk(name) or any(is_junk_folder(folder) for folder in folders)


def is_emotion(name: str) -> bool:
    """Return whether a folder has the name of an emotion. Others may be emotions too: any folder of `train` is one."""
    return plain(name) in EMOTIONS


def is_train(name: str) -> bool:
    """Return whether a folder is that of the training pictures: train, Train, training, FER2013Train."""
    return TRAIN.fullmatch(plain(name)) is not None


@lru_cache(maxsize=1000)
def is_other_split(name: str) -> bool:
    """Return whether a folder holds pictures to test with: test, valid, PublicTest, FER2013Test."""
    return OTHER_SPLIT.fullmatch(plain(name)) is not None


def is_container(name: str) -> bool:
    return plain(name) in CONTAINERS


def plain(name: str) -> str:
    """Return a name in lower case, without what stands between its words."""
    return re.sub(r"[-_ .]", "", name.casefold())


def name_problem(name: str) -> str | None:
    """Return why a picture file cannot have this name, or None."""
    if not name.isascii() and name != escape_invalid(name):
        return "its name is not valid text"
    if UNUSABLE.search(name):
        return "Blob Storage does not allow a backslash, a control character, U+FFFE or U+FFFF in a name"
    if name.endswith(".") or "./" in name:
        return "Blob Storage does not allow a name that ends with a dot"
    if "/" not in name:
        return "it is not in an emotion folder"
    return None


def escape_invalid(name: str) -> str:
    """Return the name with every byte that is not valid text written as an escape."""
    return name.encode("utf-8", "backslashreplace").decode()
