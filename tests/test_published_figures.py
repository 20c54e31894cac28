"""git: what a person's own run writes is ignored, and only `make bench-publish` writes the published figures."""

import re
import subprocess
from pathlib import Path

import pytest

from jobs.bench.run import BenchOptions
from tests.jobs.commands.command_list import COMMANDS


def ignored(project: Path, path: str) -> bool:
    words = ["git", "check-ignore", "--quiet", "--no-index", path]
    return subprocess.run(words, cwd=project, check=False).returncode == 0


def test_a_trial_run_of_bench_writes_into_an_ignored_folder(project: Path) -> None:
    (option,) = [each for each in COMMANDS["bench"].params if each.name == "out"]
    assert option.default == BenchOptions().out
    assert ignored(project, str(option.default / "results.json"))


def test_only_make_bench_publish_writes_the_published_figures(project: Path) -> None:
    makefile = (project / "Makefile").read_text(encoding="utf-8")
    recipes = dict(re.findall(r"^([a-z-]+):[^\n]*\n((?:\t.*\n?)+)", makefile, re.MULTILINE))
    assert [target for target, recipe in recipes.items() if "--out bench" in recipe] == ["bench-publish"]
    assert "python -m jobs bench\n" in recipes["bench"]
    assert not ignored(project, "bench/results.json")


@pytest.mark.parametrize(
    ("file", "expected"),
    [("Pulumi.ana.yaml", True), ("Pulumi.my-stack.yaml", True), ("Pulumi.dev.yaml", False), ("Pulumi.yaml", False)],
)
def test_a_stack_of_ones_own_is_ignored(project: Path, file: str, expected: bool) -> None:
    assert ignored(project, file) is expected
