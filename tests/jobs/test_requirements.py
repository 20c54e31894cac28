"""The layers of the requirements: each command says which one it lacks, and the pip line installs that one."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from jobs import requirements
from jobs.requirements import AZURE, DEVELOP, LAPTOP, find_package, package_names
from tests.infra.configuration import ROOT
from tests.jobs.cli_process import write_outputs
from tests.jobs.test_target import outputs

HIDE = Path(__file__).parent / "hidden_modules"
AZURE_MODULES = "azure.identity azure.mgmt azure.search pulumi pulumi_azure_native pulumi_random"
DEVELOP_MODULES = "duckdb hypothesis matplotlib mypy pytest ruff xdist"


def run_without(modules: str, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with a state folder, in a Python that does not find some modules, as without their packages."""
    environment = {**os.environ, "PYTHONPATH": str(HIDE), "HIDDEN_MODULES": modules, "JOBS_LOCAL": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "jobs", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "package", "layer"),
    [
        ("cost", "azure-identity", AZURE),
        ("doctor --target dev", "azure-identity", AZURE),
        ("models list", "azure-mgmt-datafactory", AZURE),
        ("teardown --target dev", "azure-mgmt-datafactory", AZURE),
        ("index --to azure-search --outputs OUTPUTS", "azure-search-documents", AZURE),
        ("search PICTURE --from azure-search --outputs OUTPUTS", "azure-search-documents", AZURE),
        ("runs --outputs OUTPUTS", "azure-mgmt-datafactory", AZURE),
        ("bench", "matplotlib", DEVELOP),
    ],
)
def test_a_command_names_the_pip_line_of_the_layer_that_it_lacks(
    arguments: str, package: str, layer: str, tmp_path: Path, drawn_faces: Path
) -> None:
    paths = {
        "OUTPUTS": write_outputs(tmp_path / "outputs.json", outputs()),
        "PICTURE": next(drawn_faces.rglob("*.jpg")),
    }
    words = [str(paths.get(word, word)) for word in arguments.split()]
    done = run_without(f"{AZURE_MODULES} {DEVELOP_MODULES}", tmp_path / "state", *words)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert f"{package} is not installed ({layer}, for " in done.stderr
    assert f'"{sys.executable}" -m pip install -r {layer}`' in done.stderr


def test_the_demo_needs_the_first_layer_only(tmp_path: Path, services_folder: Path) -> None:
    words = ["demo", "--count", "20", "--weights", "random", "--report", str(tmp_path / "report")]
    done = run_without(f"{AZURE_MODULES} {DEVELOP_MODULES}", services_folder, *words)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("module", "package", "layer"),
    [
        ("azure.search", "azure-search-documents", AZURE),
        ("azure.identity.aio", "azure-identity", AZURE),
        ("azure.mgmt", "azure-mgmt-datafactory", AZURE),
        ("azure.storage.blob", "azure-storage-blob", LAPTOP),
        ("azure.core", "azure-core", LAPTOP),  # no file names it: azure-storage-blob brings it
        ("PIL.Image", "pillow", LAPTOP),
        ("faiss", "faiss-cpu", LAPTOP),
        ("yaml", "pyyaml", LAPTOP),
        ("matplotlib.figure", "matplotlib", DEVELOP),
        ("openvino", "openvino", requirements.OPENVINO),
        ("ray.data", "ray", requirements.RAY),
    ],
)
def test_a_module_belongs_to_a_package_of_a_layer(module: str, package: str, layer: str) -> None:
    assert find_package(module) == (package, layer)


def test_every_module_of_the_jobs_layers_is_found_in_its_layer() -> None:
    """Whatever module of a pinned package is imported, the sentence names the right file."""
    for module, packages in metadata.packages_distributions().items():
        pinned = {name for name in map(str.lower, packages)} & set(package_names(ROOT / LAPTOP))
        if pinned and module.isidentifier() and module not in ("azure", "torchgen", "functorch"):
            assert find_package(module)[1] == LAPTOP, module


def test_the_whole_is_its_layers() -> None:
    whole = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    included = [line.removeprefix("-r ") for line in whole.splitlines() if line.startswith("-r ")]
    assert included == [LAPTOP, AZURE, DEVELOP]
    assert package_names(ROOT / "requirements.txt") == []
    names = [name for layer in included for name in package_names(ROOT / layer)]
    assert len(names) == len(set(names))


def test_an_environment_without_pip_is_uvs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    assert requirements.install_command(AZURE) == f"uv pip install -r {AZURE}"
