"""The last step of `local restore`: what it has unpacked whole takes the place of what was there."""

import shutil
from collections.abc import Callable, Iterable

from jobs.local.cluster import RENAME_SECONDS
from jobs.state import replace_file, state_folder

RESTORED = "restored"  # below the state folder: what is unpacked, and not yet in its place


def finish_restore(names: Iterable[str], stop: Callable[[], None]) -> None:
    """Stop the services and replace their folders, where a restore has come so far. The caller holds their lock.

    From the moment that the folder has its name, this is what counts: killed here, the next command goes on.
    """
    restored = state_folder() / RESTORED
    if not restored.exists():
        return
    stop()
    for name in names:
        if (restored / name).exists():  # else it is in its place already
            shutil.rmtree(state_folder() / name, ignore_errors=True)
            replace_file(restored / name, state_folder() / name, at_most=RENAME_SECONDS)
    restored.rmdir()
