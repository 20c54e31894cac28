"""Azurite, Microsoft's storage emulator: one process with both storage accounts, their Blob endpoints on loopback."""

import base64
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from jobs.errors import JobError
from jobs.local.azurite_package import install_azurite, node_path
from jobs.local.detached_server import DetachedServer
from jobs.local.emulator import save_emulator
from jobs.local.ports import HOST
from jobs.local.postmaster import continue_process
from jobs.state import write_atomically

ACCOUNTS = ("imagenes", "lake")
# Azurite's published account key, which every user of this computer knows. An installation has a key of its own, from
# the first start on: an emulator that an older version started still has this one.
PUBLISHED_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SAVE_SECONDS = 60
AUTOSAVE_SECONDS = 6  # it saves its lists of blobs every 5 s, when it gets SIGTERM, and when it is asked to
TERMINATE_KILLS = os.name == "nt"


class AzuriteServer(DetachedServer):
    """Azurite in a folder: `data/` is its own, `key` both accounts' key."""

    title, banner, port_option = "Azurite", "Azurite", "--blobPort"

    def url(self, account: str) -> str:
        """The Blob endpoint of an account."""
        return f"http://{HOST}:{self.port()}/{account}"

    def key(self) -> str:
        """The key of both accounts."""
        return file.read_text(encoding="utf-8") if (file := self.folder / "key").exists() else PUBLISHED_KEY

    def place(self) -> Path:
        return self.folder / "data"

    def make_folder(self) -> None:
        """Make the folder, closed to other users, and the key where there is none yet."""
        for folder in (self.folder, self.place()):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        if not (self.folder / "key").exists():
            write_atomically(self.folder / "key", base64.b64encode(secrets.token_bytes(64)).decode())

    def command(self, port: int) -> list[str]:
        script = install_azurite() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
        save_now = Path(__file__).parent / "azurite" / "save_now.js"
        words = [str(node_path()), "--require", str(save_now), str(script), "--blobHost", HOST]
        # By default it rejects API versions newer than itself, and sends telemetry.
        flags = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", str(self.place())]
        return [*words, self.port_option, str(port), *flags]

    def variables(self) -> Mapping[str, str]:
        return {"AZURITE_ACCOUNTS": ";".join(f"{name}:{self.key()}" for name in ACCOUNTS)}

    def stop(self, at_once: bool = False) -> None:
        """Stop it if it is running. `at_once`: without waiting until it has saved what is new."""
        if TERMINATE_KILLS and not at_once and (process := self.find_process()):
            continue_process(process)
            if not self.is_saved():
                time.sleep(AUTOSAVE_SECONDS)
        super().stop()

    def is_saved(self) -> bool:
        """Let it write what is new to the disk. Returns whether it did."""
        with suppress(JobError):
            return save_emulator(f"http://{HOST}:{self.port()}", SAVE_SECONDS)
        return False
