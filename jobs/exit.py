"""The end of the process that runs a command."""

import gc
from typing import NoReturn


def end_process(status: int) -> NoReturn:
    """End the process with this exit status: at once, and never by SIGINT.

    Python looks for unused objects as it ends: half a second where PyTorch is loaded. And after a KeyboardInterrupt in
    the text of an exec() it ends the process by SIGINT though we handled it, until another text has run
    (run_eval_code_obj in CPython's pythonrun.c).
    """
    gc.freeze()
    exec("")  # noqa: S102 - it has no text
    raise SystemExit(status)
