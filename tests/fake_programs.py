"""Scripts in place of the programs that the jobs start: az and pulumi.

A script records its arguments and prints what the test has set.
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
        given = here.with_suffix(".given")
        earlier = given.read_text().splitlines().count(beginning) if given.exists() else 0
        with given.open("a") as file:
            file.write(beginning + "\\n")
        status, out, err = turns[min(earlier, len(turns) - 1)]
        sys.stdout.write(out)
        sys.stderr.write(err)
        sys.exit(status)
sys.exit("the test has set no output for: " + line)
"""


class FakeProgram:
    """A script with that name in a folder of PATH."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / name
        self._answers: list[tuple[str, list[tuple[int, str, str]]]] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._file.write_text(SCRIPT.format(python=sys.executable))
        self._file.chmod(0o755)
        self._save()

    def set_output(self, beginning: str, out: Any = "", status: int = 0, err: str = "") -> None:
        """Set what arguments with that beginning print. The latest match counts. `out`: a text, or a value for JSON."""
        text = out if isinstance(out, str) else json.dumps(out)
        self._answers.insert(0, (beginning, [(status, text, err)]))
        self._save()

    def add_output(self, out: str = "", status: int = 0, err: str = "") -> None:
        """Add what the next call prints for the beginning that was set last. The last output stays."""
        self._answers[0][1].append((status, out, err))
        self._save()

    def calls(self) -> list[list[str]]:
        """The arguments of every call."""
        file = self._file.with_suffix(".calls")
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def _save(self) -> None:
        self._file.with_suffix(".answers").write_text(json.dumps(self._answers))
