"""A stack whose secrets are markers, and its commands run with all logging on: no marker may appear anywhere."""

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
from tests.azure_fakes.blob_storage import StorageAccount
from tests.azure_fakes.postgres_gateway import Gateway

PASSWORD = "marker-Pass/w:o@rd?'#%"
KEY = "bWFya2VyLWtleS1vZi10aGUtdGVzdHM="  # base64, as Azure's are
TOKEN = "marker-token-of-the-tests"
FORMS = (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), KEY, TOKEN, "marker-")
POLL_SECONDS = 0.005  # between two scans of the programs that a command has started: each lives longer
LOG_EVERYTHING = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"


@dataclass(frozen=True)
class SecretStack:
    """A stack whose outputs are in a file, and the fakes of its services."""

    outputs: Path
    target: Target
    gateway: Gateway
    pictures: StorageAccount
    lake: StorageAccount
    source: str

    def write_outputs(self, **values: str) -> None:
        self.outputs.write_text(json.dumps(asdict(replace(self.target, **values))))

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command for the stack in the file of outputs."""
        return self.run_logged(*words, "--outputs", str(self.outputs))

    def run_logged(self, *words: str) -> tuple[int, str, str]:
        """Run a command with all logging on. Returns its status, its output, and the command lines that it started."""
        command = [sys.executable, "-X", "dev", "-m", "jobs", *words]
        command_lines: set[str] = set()
        variables: set[str] = set()
        file = self.outputs.with_name("output")
        with file.open("w") as log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process:
            while process.poll() is None:
                with contextlib.suppress(psutil.Error):
                    for child in psutil.Process(process.pid).children(recursive=True):
                        command_lines.add(" ".join(child.cmdline()))
                        variables.update(child.environ().values())
                time.sleep(POLL_SECONDS)
        output = file.read_text()
        assert not [form for form in FORMS if form in output], output
        assert not [text for text in command_lines | variables for form in FORMS if form in text]
        return process.returncode, output, "\n".join(command_lines)
