"""The command line: python -m jobs COMMAND."""

import json
import sys

AS_JSON = "--json" in sys.argv

try:
    from jobs.entry import main
except ImportError as error:
    # The most frequent first error: a Python that lacks the packages, or one that is too old.
    reason = (
        f"This Python ({sys.executable}) cannot run the jobs: {error}. With Python 3.11 or newer, run `make demo`, or "
        "`pip install -r requirements.txt` in .venv; then use the Python of .venv."
    )
    if AS_JSON:
        sys.stdout.write(json.dumps({"error": reason, "kind": "unavailable"}) + "\n")
    raise SystemExit(reason) from None
except KeyboardInterrupt:
    if AS_JSON:
        sys.stdout.write(json.dumps({"error": "Stopped.", "kind": "stopped"}) + "\n")
    raise SystemExit(130) from None

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
