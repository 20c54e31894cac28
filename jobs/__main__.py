"""The command line: python -m jobs COMMAND."""

import sys

try:
    from jobs.entry import main
except ImportError as error:
    # The first thing that goes wrong for most people: another Python than the one with the packages, or an old one.
    raise SystemExit(
        f"This Python ({sys.executable}) cannot run the jobs: {error}. With Python 3.11 or newer, "
        "`make demo` or `pip install -r requirements.txt` in .venv; then use the python of .venv."
    ) from None
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
