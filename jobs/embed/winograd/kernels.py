"""Compile kernels.c for this processor, and load it. It takes 0.6 s."""

import ctypes
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
SOURCE = Path(__file__).with_name("kernels.c")


class KernelsUnavailableError(Exception):
    """The kernels cannot be used on this machine. The text is the reason."""


def load_kernels() -> ctypes.CDLL:
    """Return the library of kernels.c. Raises KernelsUnavailableError.

    It is not kept: a compiled library would have to be checked against the source, the compiler and the processor.
    """
    if sys.platform == "win32":
        # Not MSVC's language; and MinGW's gcc does not align vectors on the stack, so that they crash: GCC bug 54412.
        raise KernelsUnavailableError("they are not built on Windows")
    with tempfile.TemporaryDirectory(prefix="winograd-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "kernels.so"
        compile_kernels(file)
        try:
            library = ctypes.CDLL(str(file))
        except OSError as error:  # the folder is mounted noexec, or the compiler builds for another architecture
            raise KernelsUnavailableError(f"this machine does not load them: {error}") from error
    return declare_functions(library)


def compile_kernels(file: Path) -> None:
    """Write the shared library. Raises KernelsUnavailableError."""
    compiler = shlex.split(os.environ.get("CC") or "cc")
    if shutil.which(compiler[0]) is None:
        raise KernelsUnavailableError("there is no C compiler")
    command = [*compiler, *FLAGS, "-o", str(file), str(SOURCE)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise KernelsUnavailableError(f"{compiler[0]} cannot be started: {error.strerror}") from error
    if done.returncode:
        output = done.stderr.strip() or f"{compiler[0]} exited with status {done.returncode}"
        raise KernelsUnavailableError(output.splitlines()[0])


def declare_functions(library: ctypes.CDLL) -> ctypes.CDLL:
    """Declare each function's arguments."""
    pointer, length, number = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int
    signatures: dict[str, list[Any]] = {
        "transform_input": [*[pointer] * 2, length, *[number] * 5],
        "transform_output": [pointer, length, number, *[pointer] * 3, *[number] * 5],
        "convolve": [*[pointer] * 6, *[number] * 7],
        "stem": [*[pointer] * 5, *[number] * 3],
    }
    for name, arguments in signatures.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, None
    return library
