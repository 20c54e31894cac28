"""The programs that the jobs call, az and pulumi, played by scripts in a folder for PATH.

They note how they were called, and say what a test tells them to.
"""

import json
import sys
from pathlib import Path
from typing import Any

SCRIPT = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__)
with here.with_suffix(".calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
answers = json.loads(here.with_suffix(".answers").read_text())
line = " ".join(sys.argv[1:])
for beginning, turns in answers:
    if line.startswith(beginning):
        told = here.with_suffix(".told")
        earlier = told.read_text().splitlines().count(beginning) if told.exists() else 0
        with told.open("a") as file:
            file.write(beginning + "\\n")
        status, out, err = turns[min(earlier, len(turns) - 1)]
        sys.stdout.write(out)
        sys.stderr.write(err)
        sys.exit(status)
sys.exit("nobody told this program what to say to: " + line)
"""


class Program:
    """A program of that name in `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / name
        self._answers: list[tuple[str, list[tuple[int, str, str]]]] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._file.write_text(SCRIPT.format(python=sys.executable))
        self._file.chmod(0o755)
        self._save()

    def says(self, beginning: str, out: Any = "", status: int = 0, err: str = "") -> None:
        """What it answers to arguments that begin so; the latest that fits counts. `out` becomes JSON unless text."""
        text = out if isinstance(out, str) else json.dumps(out)
        self._answers.insert(0, (beginning, [(status, text, err)]))
        self._save()

    def then(self, out: str = "", status: int = 0, err: str = "") -> None:
        """What it answers from the next time on to what it was told last to answer."""
        self._answers[0][1].append((status, out, err))
        self._save()

    def calls(self) -> list[list[str]]:
        """The arguments of every call."""
        noted = self._file.with_suffix(".calls")
        return [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []

    def _save(self) -> None:
        self._file.with_suffix(".answers").write_text(json.dumps(self._answers))
