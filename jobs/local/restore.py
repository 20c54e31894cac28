"""Put the laptop's services back to what a backup holds: whole or not at all."""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import UnusableFileError, parse_json
from jobs.local.backup import MANIFEST, describe_system, stopped_services
from jobs.local.postgres_programs import cluster_version, startable_versions, wheel_folder
from jobs.local.restored import RESTORED
from jobs.local.services import SERVICES
from jobs.local.unprivileged import chown
from jobs.notice import say_if_slow
from jobs.state import exclusive_lock, replace_file, state_folder, sync

LOCK = ("restore.lock", "Another command has been restoring a backup")
LONGEST_MANIFEST = 4096
UNPACKING = "restored.new"  # below the state folder
ADVICE = "name a file that `python -m jobs local backup` has written"
DAMAGED = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, UnusableFileError, KeyError)


@dataclass(frozen=True)
class RestoreResult:
    file: str
    files: int

    def summary(self) -> str:
        return f"{self.files} files of the services are as in {self.file}"


def restore(file: Path) -> RestoreResult:
    """Replace all that the services keep by what a backup holds. They run again afterwards if they did.

    Everything is unpacked beside it first, and its sums are compared. Raises JobError for a file that is not a whole
    backup of this kind of system, and while another program is connected to a service: nothing has changed then.
    """
    new = state_folder() / UNPACKING
    if not file.is_file():
        raise JobError(f"There is no file {file}: {ADVICE}.", ErrorKind.not_found)
    with exclusive_lock(*LOCK):
        shutil.rmtree(new, ignore_errors=True)
        try:
            with say_if_slow(f"Unpacking {file}"):
                files = unpack(file, new)
            with stopped_services():
                replace_file(new, state_folder() / RESTORED)
        except DAMAGED as error:
            raise JobError(f"{file} is not a whole backup ({error}): {ADVICE}.", ErrorKind.invalid) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return RestoreResult(str(file), files)


def unpack(file: Path, folder: Path) -> int:
    """Unpack a backup, each file compared with its sum, and all of it on disk. Returns the number of files."""
    with zipfile.ZipFile(file) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename != MANIFEST]
        check_system(archive)
        check_names([entry.filename for entry in entries])
        check_room(sum(entry.file_size for entry in entries))
        for name in SERVICES:
            make_folders(folder / name, folder)  # of a service that was never started too
        for entry in entries:
            unpack_entry(archive, entry, folder)
    for name in ("laptop", "cloud"):
        check_version(folder / name / "data")
    for path in (folder, *folder.rglob("*")):  # at the end: the first of them costs, and the others hardly
        sync(path)
    return sum(not entry.is_dir() for entry in entries)


def check_names(names: list[str]) -> None:
    """Raise ValueError for a name that leads elsewhere, and for one that is there twice."""
    for name in names:
        parts = PurePosixPath(name).parts
        if parts[:1] not in [(each,) for each in SERVICES] or ".." in parts or set(name) & set("\\:"):
            raise ValueError(f"it has a file {name}")
    if len(set(names)) < len(names):
        raise ValueError("it has a file twice")


def unpack_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    """Unpack one file or folder, closed to other users. Its sum is compared."""
    path = folder.joinpath(*PurePosixPath(entry.filename).parts)
    make_folders(path if entry.is_dir() else path.parent, folder)
    if not entry.is_dir():
        with archive.open(entry) as source, path.open("xb") as copy:
            path.chmod(0o600)
            shutil.copyfileobj(source, copy)
        give_to_server(path, folder)


def make_folders(path: Path, folder: Path) -> None:
    """Make a folder below `folder`, and those above it, where they are missing."""
    if not path.exists():
        make_folders(path.parent, folder)
        path.mkdir(mode=0o700)
        give_to_server(path, folder)


def give_to_server(path: Path, folder: Path) -> None:
    """Make the user that runs PostgreSQL the owner of what is PostgreSQL's."""
    if path.relative_to(folder).parts[:1] in (("laptop",), ("cloud",)):
        chown(path)


def check_room(size: int) -> None:
    free = shutil.disk_usage(state_folder()).free
    if size > free:
        reason = f"The backup needs {size / 1e6:.0f} MB in {state_folder()}, which has {free / 1e6:.0f} MB"
        raise JobError(f"{reason}: make room there.", ErrorKind.unavailable)


def check_system(archive: zipfile.ZipFile) -> None:
    """Raise JobError where a system of another kind made the files."""
    if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
        raise ValueError(f"its {MANIFEST} is too long")
    manifest = parse_json(archive.read(MANIFEST))
    system = manifest.get("system") if isinstance(manifest, dict) else None
    if system != describe_system():
        reason = f"The backup was made on {system}, and this is {describe_system()}"
        raise JobError(f"{reason}: restore it on a computer of the same kind.", ErrorKind.conflict)


def check_version(data: Path) -> None:
    """Raise JobError where the PostgreSQL that made the files does not start here."""
    version, here = cluster_version(data), startable_versions(wheel_folder())
    if version and version not in here:
        reason = f"PostgreSQL {version} made the backup, and here only PostgreSQL {' and '.join(here)} starts"
        raise JobError(f"{reason}: restore it where it was made.", ErrorKind.conflict)
