"""tests/README.md lists every fixture of a conftest.py, and names only paths that exist."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
README = (TESTS / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+) \| `tests/(\S+conftest\.py|conftest\.py)` \|$", re.MULTILINE)


def scope(function: ast.FunctionDef) -> str | None:
    """The scope of a fixture, None for any other function."""
    for decorator in function.decorator_list:
        match = re.match(r"pytest\.fixture(?:\(.*scope='(\w+)')?", ast.unparse(decorator))
        if match:
            return match[1] or "function"
    return None


@cache
def defined() -> set[tuple[str, str, str]]:
    """Name, scope and file of every fixture of a conftest.py."""
    return {
        (node.name, fixture_scope, path.relative_to(TESTS).as_posix())
        for path in TESTS.rglob("conftest.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and (fixture_scope := scope(node))
    }


def test_the_table_lists_every_fixture() -> None:
    listed = [(name, fixture_scope, file) for name, fixture_scope, _, file in ROW.findall(README)]
    assert len(listed) == len(set(listed)) >= 30
    assert set(listed) == defined()


def test_every_fixture_of_a_conftest_has_a_docstring() -> None:
    for path in TESTS.rglob("conftest.py"):
        functions = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)]
        assert not [each.name for each in functions if scope(each) and not ast.get_docstring(each)], path


def test_every_path_that_the_page_names_exists() -> None:
    named = re.findall(r"(?<![\w/])(?:tests|jobs|infra|adf|azure_fakes)/[a-z0-9_/.]*(?![A-Z])", README)
    helpers = re.findall(r"^\| `(\w+\.py)` \| ", README, re.MULTILINE)
    assert len(set(named)) >= 15 and len(helpers) >= 6
    assert not [each for each in named + helpers if not (ROOT / each).exists() and not (TESTS / each).exists()]


def test_no_fixture_is_imported_into_a_test_module() -> None:
    for path in TESTS.rglob("test_*.py"):
        fixtures = {name for name, _, file in defined() if (TESTS / file).parent in path.parents}
        imports = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)]
        helpers = [each for each in imports if (each.module or "").startswith("tests")]
        assert not fixtures & {alias.asname or alias.name for each in helpers for alias in each.names}, path
