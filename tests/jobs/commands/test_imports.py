"""What a command imports: a library that it does not need costs seconds at each start."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.index.run import build_index
from jobs.local.services import postgres_server
from jobs.migrate.run import migrate_table
from jobs.pipeline import DEFAULT_PIPELINE
from jobs.pipeline.run import run_pipeline
from jobs.storage.client import pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.jobs.cli_process import run_jobs

# Prints the imported modules' names on stderr when the command has ended.
COMMAND = (
    "import sys; from jobs.entry import main; status = main(sys.argv[1:]); "
    "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(status)"
)
NEVER = {"torchvision", "torch._dynamo", "sympy", "pandas", "matplotlib", "jinja2", "azure.search", "azure.identity"}


def imported_modules(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines())


@pytest.fixture
def whole_flow(laptop: Target, drawn_faces: Path, weights: str) -> Iterator[Path]:
    """The drawn faces in every place of the laptop."""
    assert run_jobs("embed", str(drawn_faces), "--weights", weights).returncode == 0
    migrate_table(postgres_server("laptop").url(), laptop)
    upload_pictures(drawn_faces, pictures_container(laptop))
    run_pipeline(laptop, DEFAULT_PIPELINE, {})
    build_index(laptop, "lake")
    yield drawn_faces


def test_no_command_imports_what_it_does_not_need(whole_flow: Path, tmp_path: Path) -> None:
    face = str(next(whole_flow.rglob("*.jpg")))
    network = {"torch"}
    unneeded = {
        ("search", face): set(),
        ("search", face, "--from", "database"): {"faiss", "pyarrow"},
        ("embed", str(whole_flow)): network | {"pyarrow", "faiss"},  # nothing new
        ("upload", str(whole_flow)): network | {"numpy", "pyarrow", "faiss"},
        ("migrate",): network | {"numpy", "pyarrow", "faiss"},
        ("verify",): {"faiss"},  # it computes some of the vectors again
        ("local", "status"): network | {"numpy", "pyarrow", "faiss"},
        ("sample", str(tmp_path / "few"), "--count", "1"): network | {"pyarrow", "psycopg2", "azure.storage.blob"},
    }
    for arguments, modules in unneeded.items():
        # `verify` reads Arrow's arrays into numpy's, where pyarrow looks for pandas: an optional requirement brings it.
        never = NEVER - {"pandas"} if arguments == ("verify",) else NEVER
        assert not imported_modules(*arguments) & (never | modules), arguments
