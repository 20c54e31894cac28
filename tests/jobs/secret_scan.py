"""A stack whose secrets can be told from everything else, and its commands run with everything logged."""

import contextlib
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psutil

from jobs.target import Target
from tests.azure_fakes.postgres import Gateway
from tests.azure_fakes.storage import Storage

PASSWORD = "marker-Pass/w:o@rd?'#%"
KEY = "bWFya2VyLWtleS1vZi10aGUtdGVzdHM="  # base64, as Azure's are
TOKEN = "marker-token-of-the-tests"
FORMS = (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), KEY, TOKEN, "marker-")
LOOK_SECONDS = 0.005  # at the programs that a command has started: each lives longer
LOGS_EVERYTHING = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"


@dataclass(frozen=True)
class World:
    """A stack whose outputs are in a file, and what plays it."""

    outputs: Path
    target: Target
    gateway: Gateway
    pictures: Storage
    lake: Storage
    source: str

    def changed(self, **values: str) -> None:
        self.outputs.write_text(json.dumps(asdict(replace(self.target, **values))))

    def run(self, *words: str) -> tuple[int, str, str]:
        """A command for the stack in the file of outputs."""
        return self.told(*words, "--outputs", str(self.outputs))

    def told(self, *words: str) -> tuple[int, str, str]:
        """Run a command, everything logged; its status, all that it told, the arguments of the programs it started."""
        command = [sys.executable, "-X", "dev", "-m", "jobs", *words]
        seen: set[str] = set()
        given: set[str] = set()
        file = self.outputs.with_name("told")
        with file.open("w") as log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process:
            while process.poll() is None:
                with contextlib.suppress(psutil.Error):
                    for child in psutil.Process(process.pid).children(recursive=True):
                        seen.add(" ".join(child.cmdline()))
                        given.update(child.environ().values())
                time.sleep(LOOK_SECONDS)
        told = file.read_text()
        assert not [form for form in FORMS if form in told], told
        assert not [text for text in seen | given for form in FORMS if form in text]
        return process.returncode, told, "\n".join(seen)
