"""This machine: Python and its packages, Pulumi and the Azure CLI, and whether you are logged in to them."""

import os
import shutil
import sys
from importlib import metadata
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from jobs import PROJECT, stack
from jobs.azure.account import AZ_INSTALL_URL, Account, az_path, has_machine_login
from jobs.computer import PYTHON_URL, python_obstacle, this_computer
from jobs.doctor.check import Check
from jobs.errors import JobError
from jobs.requirements import AZURE, LAPTOP, install_command

MIN_PULUMI = Version("3.260")  # the first that replaces children with their parent; Pulumi.yaml requires it too


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    shown = ".".join(map(str, version))
    obstacle = python_obstacle(this_computer()._replace(version=(version[0], version[1])))
    if obstacle:
        return Check("python", "problem", obstacle, PYTHON_URL)
    return Check("python", "ok", f"Python {shown}")


def check_packages(*layers: Path) -> Check:
    """Whether the installed packages are those of the layers' files. A stack needs the laptop's layer and Azure's."""
    layers = layers or (PROJECT / LAPTOP, PROJECT / AZURE)
    wrong = {layer: [each for each in read_requirements(layer) if not is_satisfied(each)] for layer in layers}
    lacking = [f"{each.name} {installed_version(each.name) or 'missing'}" for each in chain(*wrong.values())]
    if not lacking:
        count = sum(len(read_requirements(layer)) for layer in layers)
        return Check("packages", "ok", f"{count} packages as {' and '.join(layer.name for layer in layers)} pin them")
    more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
    fix = "\n".join(install_command(layer.name) for layer in layers if wrong[layer])
    return Check("packages", "problem", f"not as pinned: {', '.join(lacking[:3])}{more}.", fix)


def is_satisfied(requirement: Requirement) -> bool:
    return satisfies(installed_version(requirement.name), requirement.specifier)


def read_requirements(file: Path) -> list[Requirement]:
    """Every package that a requirements file names, those of its `-r` files included."""
    requirements: list[Requirement] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            requirements += read_requirements(file.parent / text.removeprefix("-r ").strip())
        elif text and not text.startswith("-"):
            requirements.append(Requirement(text))
    return requirements


def installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def satisfies(version: str | None, specifier: SpecifierSet) -> bool:
    """Whether a version is installed and is one that the requirement allows, of any build (2.13.0+cpu)."""
    return version is not None and specifier.contains(version, prereleases=True)


def check_pulumi(stack_name: str) -> Check:
    if shutil.which("pulumi") is None:
        return Check("pulumi", "problem", "The Pulumi CLI is not installed.", stack.INSTALL_URL)
    try:
        version = stack.run_pulumi(stack_name, "version").strip()
        user = stack.run_pulumi(stack_name, "whoami").strip()
    except JobError as error:
        return Check("pulumi", "problem", str(error), "pulumi login --local" if "logged in" in str(error) else "")
    if not is_recent(version):
        return Check("pulumi", "problem", f"Pulumi {version}, {MIN_PULUMI} or newer is needed.", stack.INSTALL_URL)
    return Check("pulumi", "ok", f"{version}, logged in as {user}")


def is_recent(version: str) -> bool:
    """Whether a version as `pulumi version` prints it, such as v3.272.0, is new enough."""
    try:
        return Version(version) >= MIN_PULUMI
    except InvalidVersion:
        return False


def check_login(account: Account | None) -> Check:
    """Whether you are logged in to Azure, by the Azure CLI or, as in a pipeline, by environment variables."""
    if account:
        return Check("azure login", "ok", f"{account.user or 'a user without a name'}, by the Azure CLI")
    if has_machine_login():
        return check_environment()
    if az_path() is None:
        return Check("azure login", "problem", "The Azure CLI is not installed.", AZ_INSTALL_URL)
    return Check("azure login", "problem", "You are not logged in to Azure.", "az login")


def check_environment() -> Check:
    """The jobs read variables that begin with AZURE_, Pulumi those that begin with ARM_."""
    if any(os.environ.get(name) for name in ("ARM_CLIENT_ID", "ARM_USE_MSI", "ARM_USE_OIDC")):
        return Check("azure login", "ok", "the environment's identity, for the jobs and for Pulumi")
    text = "The environment names an identity for the jobs, none for Pulumi: set ARM_CLIENT_ID and the like, too."
    return Check(
        "azure login",
        "warning",
        text,
        "https://www.pulumi.com/registry/packages/azure-native/installation-configuration/",
    )
