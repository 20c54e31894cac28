"""The tree is as docs/architecture.md draws it, and as its invariants say."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
MOST_LINES = 200


def source_files(*folders: str) -> list[Path]:
    """The Python files below the folders."""
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts
    )


def module_of(path: Path) -> str:
    """A file's dotted name; a package's is that of its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """The dotted names that a file imports anywhere in it, modules and what is taken from them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def package_graph() -> dict[str, set[str]]:
    """Which packages and modules directly below jobs/ each of them imports."""
    rooms = {path.stem for path in (ROOT / "jobs").iterdir() if path.is_dir() or path.suffix == ".py"}
    graph: dict[str, set[str]] = {}
    for path in source_files("jobs"):
        room = path.relative_to(ROOT / "jobs").parts[0].removesuffix(".py")
        imported = {name.split(".")[1] for name in imports_of(path) if name.startswith("jobs.")}
        graph.setdefault(room, set()).update((imported & rooms) - {room})
    return graph


def test_imports_between_packages_run_downwards_only() -> None:
    graph = package_graph()
    while graph:
        ground = {room for room, below in graph.items() if not below & graph.keys()}
        assert ground, f"a cycle among {sorted(graph)}"
        graph = {room: below for room, below in graph.items() if room not in ground}


def test_the_halves_never_import_each_other() -> None:
    forbidden = {"jobs": {"infra", "pulumi", "tests"}, "infra": {"jobs", "tests"}}
    for half, others in forbidden.items():
        for path in source_files(half):
            assert not {name.split(".")[0] for name in imports_of(path)} & others, path


def test_no_file_is_longer_than_a_reader_can_hold_in_the_head() -> None:
    lines = {
        str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in source_files("jobs", "infra", "tests")
    }
    assert not {path: count for path, count in lines.items() if count > MOST_LINES}


def test_a_package_says_what_it_is_and_holds_no_code() -> None:
    for path in source_files("jobs"):
        if path.name == "__init__.py":
            module = ast.parse(path.read_text(encoding="utf-8"))
            assert ast.get_docstring(module), path
            assert not [node for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)], path


def test_torch_and_the_sdks_are_imported_only_where_they_are_used() -> None:
    code = "import sys, jobs.commands.app, jobs.search.query; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    heavy = {"torch", "azure.storage.blob", "azure.mgmt", "pyarrow", "psycopg2", "faiss", "PIL", "matplotlib", "ray"}
    assert not heavy & set(loaded.split())


def test_the_page_names_every_package_and_nothing_that_is_not_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:jobs|infra|adf|tests|docs)/[\w./]*|\w+\.(?:md|yaml))`", page))
    missing = [each for each in named if not (ROOT / each).exists()]
    assert not missing
    packages = {f"jobs/{path.name}/" for path in (ROOT / "jobs").iterdir() if (path / "__init__.py").exists()}
    modules = {f"jobs/{path.name}" for path in (ROOT / "jobs").glob("*.py")} - {"jobs/__init__.py", "jobs/export.py"}
    assert packages | modules <= named
