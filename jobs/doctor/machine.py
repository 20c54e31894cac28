"""This machine: Python and its packages, Pulumi and the Azure CLI, and who is logged in to them."""

import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

from jobs import PROJECT, stack
from jobs.azure.account import INSTALL, Account, az_path, has_machine_login
from jobs.doctor.check import Check
from jobs.errors import JobError

PYTHON = (3, 11)
PULUMI = (3, 244)  # the first whose errors all reach the program's retries
PINNED = re.compile(r"([A-Za-z0-9._-]+)\s*(==|~=)\s*([0-9][\w.]*)")


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    shown = ".".join(map(str, version))
    if version < PYTHON:
        return Check(
            "python", "problem", f"Python {shown}, 3.11 or newer is needed.", "https://www.python.org/downloads/"
        )
    return Check("python", "ok", f"Python {shown}")


def check_packages(file: Path = PROJECT / "requirements.txt") -> Check:
    """Whether the packages are those of requirements.txt."""
    wanted = read_pins(file)
    wrong = [
        f"{name} {installed_version(name) or 'missing'}"
        for name, pin in wanted.items()
        if not satisfies(installed_version(name), *pin)
    ]
    if not wrong:
        return Check("packages", "ok", f"{len(wanted)} packages as requirements.txt pins them")
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    mend = f'"{sys.executable}" -m pip install -r requirements.txt'
    return Check("packages", "problem", f"not as pinned: {', '.join(wrong[:3])}{more}.", mend)


def read_pins(file: Path) -> dict[str, tuple[str, str]]:
    """Operator and version of every package that a requirements file names, those of its `-r` files included."""
    found: dict[str, tuple[str, str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= read_pins(file.parent / line.removeprefix("-r ").strip())
        elif match := PINNED.match(line):
            found[match[1]] = (match[2], match[3])
    return found


def installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def satisfies(version: str | None, operator: str, wanted: str) -> bool:
    """`==` is the version itself, of whatever build (2.13.0+cpu); `~=` any with another last part."""
    if version is None:
        return False
    public = version.partition("+")[0]
    return public == wanted if operator == "==" else public.startswith(wanted.rpartition(".")[0] + ".")


def check_pulumi(stack_name: str) -> Check:
    if shutil.which("pulumi") is None:
        return Check("pulumi", "problem", "The Pulumi CLI is not installed.", stack.INSTALL)
    try:
        version = stack.run_pulumi(stack_name, "version").strip()
        user = stack.run_pulumi(stack_name, "whoami").strip()
    except JobError as failure:
        return Check("pulumi", "problem", str(failure), "pulumi login --local" if "logged in" in str(failure) else "")
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < PULUMI:
        return Check("pulumi", "problem", f"Pulumi {version}, 3.244 or newer is needed.", stack.INSTALL)
    return Check("pulumi", "ok", f"{version}, logged in as {user}")


def check_login(found: Account | None) -> Check:
    """Who is logged in to Azure. A pipeline needs no Azure CLI where its environment says who it is."""
    if found:
        return Check("azure login", "ok", f"{found.user or 'somebody'}, by the Azure CLI")
    if has_machine_login():
        return check_environment()
    if az_path() is None:
        return Check("azure login", "problem", "The Azure CLI is not installed.", INSTALL)
    return Check("azure login", "problem", "Nobody is logged in.", "az login")


def check_environment() -> Check:
    """The jobs' variables begin with AZURE_, Pulumi's with ARM_."""
    if any(os.environ.get(name) for name in ("ARM_CLIENT_ID", "ARM_USE_MSI", "ARM_USE_OIDC")):
        return Check("azure login", "ok", "the environment's identity, for the jobs and for Pulumi")
    text = "The environment names an identity for the jobs, none for Pulumi: set ARM_CLIENT_ID and its fellows, too."
    return Check(
        "azure login",
        "warning",
        text,
        "https://www.pulumi.com/registry/packages/azure-native/installation-configuration/",
    )
