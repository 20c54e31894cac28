"""Types every command of docs/azure.md, from making the stack to tearing it down, and shows what a person sees.

    python -m tests.engine.rehearse

Exit status 1 where the page shows something else.
"""

import sys
import tempfile
from pathlib import Path

from tests.engine.rehearsal import PortTakenError, open_rehearsal
from tests.infra.configuration import ROOT
from tests.transcripts import BLOCK, PROMPT, block, commands, masked

PAGE = ROOT / "docs" / "azure.md"
FIRST_LINE = "Nothing of this is Azure: a played one on this computer answers, which costs nothing and keeps nothing."


def main() -> int:
    """Rehearse the page. Returns the exit status."""
    show(FIRST_LINE)
    try:
        return rehearse()
    except PortTakenError as error:
        show(str(error))
        return 1


def rehearse() -> int:
    """Type every command of the page, and compare. Raises PortTakenError."""
    different = 0
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder, open_rehearsal(Path(folder)) as rehearsal:
        for shown in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            typed: list[tuple[str, str]] = []
            for command in commands(shown):
                show(f"\n{PROMPT}{command}")
                typed.append((command, rehearsal.run(command)))
                show(typed[-1][1].rstrip())
            different += masked(block(typed)) != masked(shown)
    show(f"\n{PAGE.name} shows something else in {different} places." if different else f"\nAll is as in {PAGE.name}.")
    return 1 if different else 0


def show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
