"""The command line: python -m jobs COMMAND."""

import json
import sys

from jobs import computer
from jobs.exit import end_process
from jobs.lost_interrupts import raise_lost_interrupts

AS_JSON = "--json" in sys.argv


def fail(sentence: str) -> SystemExit:
    """The end of a command that cannot begin: the sentence on stderr, with --json on stdout too."""
    if AS_JSON:
        sys.stdout.write(json.dumps({"error": sentence, "kind": "unavailable"}) + "\n")
    return SystemExit(sentence)


THIS = computer.this_computer()
if obstacle := computer.find_obstacle(THIS):
    raise fail(obstacle)

raise_lost_interrupts()
try:
    from jobs.entry import main
except ImportError as error:
    # The most frequent first error: a Python that lacks the packages.
    raise fail(
        computer.path_obstacle(THIS)
        or f"This Python ({sys.executable}) cannot run the jobs: {error}. Run `make demo`, or "
        "`pip install -r requirements-laptop.txt` in .venv; then use the Python of .venv."
    ) from None
except KeyboardInterrupt:
    if AS_JSON:
        sys.stdout.write(json.dumps({"error": "Stopped.", "kind": "stopped"}) + "\n")
    end_process(130)

if __name__ == "__main__":
    end_process(main(sys.argv[1:]))
