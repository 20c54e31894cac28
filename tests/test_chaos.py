"""The tables of `make chaos`, from a file as pytest writes it."""

from pathlib import Path

import pytest

from tests import chaos

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.test_soak" name="test_nothing_grows" time="600.4"><properties>
<property name="turns" value="1200"/><property name="page, MiB" value="700, +0.5 ± 0.3"/></properties></testcase>
<testcase classname="tests.test_every_call" name="x[migrate]" time="1"><properties>
<property name="statements" value="90"/><property name="files" value="0"/></properties></testcase>
<testcase classname="tests.test_signals" name="y[migrate]" time="1"><properties>
<property name="signals" value="4"/></properties></testcase>
<testcase classname="tests.test_mutants" name="a" time="1">
<properties><property name="mutants" value="5"/></properties></testcase>
<testcase classname="tests.test_mutants" name="b" time="2"><properties><property name="mutants" value="6"/></properties>
<failure message="x">x</failure></testcase>
<testcase classname="tests.test_mutants" name="c" time="0"><skipped message="x">x</skipped></testcase>
<testcase classname="tests.jobs.index.test_faiss_files" name="z[rows]" time="0"></testcase>
<testcase classname="tests.jobs.index.test_faiss_files" name="z" time="0"></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[chaos.TestCase]:
    for name, value in chaos.DEFAULTS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "junit.xml").write_text(JUNIT, encoding="utf-8")
    return chaos.read_cases(tmp_path / "junit.xml")


def test_what_was_tried_is_summed_by_suite(cases: list[chaos.TestCase]) -> None:
    lines = chaos.draw_table(cases, chaos.SUITES).splitlines()
    assert f"| {chaos.SUITES['tests/test_mutants.py']} | 3 | 1 | 1 | 11 mutants | 3 |" in lines
    assert lines[-1] == "| all | 8 | 1 | 1 | 1 kinds, 1,200 turns, 90 statements, 4 signals, 11 mutants | 605 |"
    assert len(lines) == 2 + len(chaos.SUITES) + 1


def test_the_grid_names_each_job_and_what_disturbed_it(cases: list[chaos.TestCase]) -> None:
    assert chaos.draw_grid(cases).splitlines()[::2] == ["| job | statements | signals |", "| migrate | 90 | 4 |"]


def test_slopes_are_a_table_of_their_own(cases: list[chaos.TestCase]) -> None:
    assert chaos.draw_texts(cases, chaos.SLOPES).splitlines()[-1] == "| page, MiB | 700 | +0.5 ± 0.3 |"


def test_a_run_says_what_repeats_it(cases: list[chaos.TestCase]) -> None:
    assert "`CHAOS_SEED=1`, `CHAOS_ROUNDS=1`" in chaos.describe_run(list(chaos.DEFAULTS), 12.4)


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- soak -->\nold\n<!-- end of soak -->\nb\n", encoding="utf-8")
    monkeypatch.setattr(chaos, "PAGE", page)
    chaos.write_table("soak", "new\n")
    assert page.read_text(encoding="utf-8") == "a\n<!-- soak -->\nnew\n<!-- end of soak -->\nb\n"
