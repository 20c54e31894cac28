"""The tiny base model of a data folder: made once, kept under .local/finetune/tiny-HASH/."""

import hashlib
import shutil
from pathlib import Path

from jobs.finetune.child import run_child
from jobs.finetune.folder import finetune_folder
from jobs.finetune.order import TINY, DataFolder
from jobs.hashes import hash_file
from jobs.notice import say_if_slow
from jobs.state import exclusive_lock, replace_file

RECIPE = Path(__file__).with_name("tiny_model.py")


def tiny_folder(data: DataFolder) -> Path:
    """The folder of the model, which is made if it is missing. Another recipe or other data make another one."""
    content = f"{hash_file(data.train_file)} {hash_file(RECIPE)}"
    folder = finetune_folder() / f"{TINY}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    with exclusive_lock("finetune-tiny.lock", "Another command makes the tiny model"):
        if not folder.exists():
            make_tiny(data.train_file, folder)
    return folder


def make_tiny(train: Path, folder: Path) -> None:
    """Train the model in a process of its own. The folder appears whole."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    with say_if_slow("Making a tiny model that knows the words of the data, and not the answers"):
        words = ["-m", f"{__package__}.{RECIPE.stem}", str(train.resolve()), str(new)]
        run_child(words, folder.with_suffix(".log"), model=new)
    replace_file(new, folder)
