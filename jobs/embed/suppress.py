"""Keep the output of other people's libraries off stdout, where the caller's JSON goes, and off the terminal."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

STDERR = 2  # the file descriptor


@contextmanager
def suppress_output() -> Iterator[None]:
    """Discard what Python code prints or warns of in the block.

    torch prints about a download, NNCF draws progress bars on stdout, and torch warns when it is traced.
    """
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def suppress_native_stderr() -> Iterator[None]:
    """Discard what C++ code writes to the file descriptor of stderr in the block."""
    original = os.dup(STDERR)
    try:
        with Path(os.devnull).open("wb") as null:
            os.dup2(null.fileno(), STDERR)
        yield
    finally:
        os.dup2(original, STDERR)
        os.close(original)
