"""Whether this Python and this computer can run the project: asked before anything is installed.

`python -m jobs.computer` prints one sentence and exits with 1 where they cannot. It uses only the standard
library, and a syntax that an old Python reads too. The facts are those of the wheels that the pinned packages have.
"""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from typing import NamedTuple

OLDEST, NEWEST = (3, 11), (3, 14)
OLDEST_GLIBC = (2, 28)
OLDEST_MACOS = 14
LONGEST_PATH = 64  # of Windows' 260 characters; the longest name below .venv needs the rest
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - see above
LONG_PATHS_KEY = r"SYSTEM\CurrentControlSet\Control\FileSystem"
LONG_PATHS_URL = "https://learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation"
PYTHON_URL = "https://www.python.org/downloads/"
ELSEWHERE = "use the project's dev container in GitHub Codespaces, or a computer with Windows, Linux or an M processor"
# Programs that copy a folder to a cloud, by a word in the folder's name. OneDrive's variables name its folders, too.
SYNCHRONIZERS = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "iclouddrive": "iCloud Drive",
    "mobile documents": "iCloud Drive",
}


class Computer(NamedTuple):
    """What the pinned packages ask of a computer. `platform` as sysconfig names it: win-amd64, linux-x86_64."""

    version: tuple[int, int]
    implementation: str
    free_threaded: bool
    bits: int
    platform: str
    machine: str
    libc: str
    macos: str
    path: str
    long_paths: bool


def this_computer() -> Computer:
    """Look at the Python that runs this, and at the computer."""
    windows = os.name == "nt"
    return Computer(
        version=(sys.version_info[0], sys.version_info[1]),
        implementation=platform.python_implementation(),
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        bits=64 if sys.maxsize > 2**32 else 32,
        platform=sysconfig.get_platform(),
        machine="" if windows else os.uname().machine,
        libc=read_libc(),
        macos=platform.mac_ver()[0],
        path=PROJECT,
        long_paths=not windows or has_long_paths(),
    )


def read_libc() -> str:
    """The C library: "glibc 2.36", "musl"; empty where it is neither."""
    if "musl" in str(sysconfig.get_config_var("HOST_GNU_TYPE")):
        return "musl"
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""


def has_long_paths() -> bool:
    """Whether this Windows allows paths above 260 characters."""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, LONG_PATHS_KEY) as key:  # type: ignore[attr-defined]
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])  # type: ignore[attr-defined]
    except OSError:
        return False


def find_obstacle(computer: Computer) -> str:
    """The sentence for what prevents the project from running here; empty where nothing does."""
    return python_obstacle(computer) or system_obstacle(computer)


def python_obstacle(computer: Computer) -> str:
    """The sentence for a Python that the pinned packages have no wheels for."""
    shown = ".".join(str(number) for number in computer.version)
    supported = f"Python {'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
    fix = f"install one of them ({PYTHON_URL}) and make .venv with it: `make demo PYTHON=python3.13`"
    if not OLDEST <= computer.version <= NEWEST:
        age = "old" if computer.version < OLDEST else "new"
        return f"Python {shown} is too {age}: the pinned packages have builds for {supported}; {fix}."
    if computer.implementation != "CPython" or computer.free_threaded:
        kind = "the free-threaded build" if computer.free_threaded else computer.implementation
        return f"This Python is {kind}: the pinned packages have builds for the usual {supported}; {fix}."
    if computer.bits != 64:
        return f"This Python has 32 bits: the pinned packages have builds for those with 64; {fix}."
    return ""


def system_obstacle(computer: Computer) -> str:
    """The sentence for a system that the pinned packages have no wheels for."""
    if computer.platform == "win-arm64":
        return (
            "The pinned packages have no builds for Windows on ARM: work inside WSL "
            "(https://learn.microsoft.com/windows/wsl/install), which is Linux, or in GitHub Codespaces."
        )
    if computer.platform.startswith("macosx") and computer.machine == "x86_64":
        return (
            "The pinned packages have no builds for Macs with an Intel processor: on a Mac with an M processor install "
            f"a Python for it ({PYTHON_URL}); else {ELSEWHERE}."
        )
    if computer.macos and int(computer.macos.split(".")[0]) < OLDEST_MACOS:
        return f"macOS {computer.macos} is too old: update to macOS {OLDEST_MACOS} or newer, in the system settings."
    if computer.platform.startswith("linux"):
        return linux_obstacle(computer)
    return ""


def linux_obstacle(computer: Computer) -> str:
    """The sentence for a Linux without wheels: another processor, musl, an old glibc."""
    if computer.machine not in ("x86_64", "aarch64"):
        return f"The pinned packages have no builds for Linux on {computer.machine}: {ELSEWHERE}."
    if computer.libc == "musl":
        return "The pinned packages have no builds for musl, Alpine's C library: use a Debian or Ubuntu image."
    name, _, version = computer.libc.partition(" ")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name == "glibc" and numbers and numbers < OLDEST_GLIBC:
        return f"This Linux is too old (glibc {version}, 2.28 is needed): use Debian 10, Ubuntu 20.04, RHEL 8 or newer."
    return ""


def path_obstacle(computer: Computer) -> str:
    """The sentence for a folder whose name is so long that Windows cuts the names of installed files off."""
    if computer.long_paths or len(computer.path) <= LONGEST_PATH:
        return ""
    return (
        f"The folder {computer.path} has {len(computer.path)} characters, and Windows allows {LONGEST_PATH} here, "
        "because names below it become longer than 260: move the project, for example to C:\\vector-lake, or allow "
        f"long paths ({LONG_PATHS_URL})."
    )


def find_synchronizer(path: str) -> str:
    """The program that copies a folder to a cloud, such as OneDrive; empty where there is none."""
    slashed = path.replace("\\", "/").lower() + "/"
    roots = [os.environ.get(name, "") for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")]
    if any(root and slashed.startswith(root.replace("\\", "/").lower().rstrip("/") + "/") for root in roots):
        return "OneDrive"
    parts = slashed.split("/")
    return next((name for word, name in SYNCHRONIZERS.items() for part in parts if part.startswith(word)), "")


def synchronizer_note(path: str) -> str:
    """The warning for a folder that a program copies to a cloud; empty where there is none."""
    name = find_synchronizer(path)
    return name and (
        f"NOTE: {path} is inside {name}, which locks files while it copies them: a folder outside is safer and faster. "
        "Move the project, or set JOBS_LOCAL to another folder for the services' data."
    )


def main() -> int:
    """Print what prevents the project from running here. Returns 1 where something does."""
    computer = this_computer()
    obstacle = find_obstacle(computer) or path_obstacle(computer)
    for line in filter(None, (synchronizer_note(computer.path), obstacle)):
        sys.stderr.write(line + "\n")
    return 1 if obstacle else 0


if __name__ == "__main__":
    raise SystemExit(main())
