"""Files of a state in a folder that Pulumi was killed while it wrote, so that it reads nothing any more ("EOF").

Beside each file Pulumi keeps `FILE.attrs`, with the content's type and hash, and does not replace that file whole. A
missing one is as good as any. https://gocloud.dev/howto/blob/#local
"""

from pathlib import Path

from jobs import configuration, terminal
from jobs.errors import ErrorKind, JobError
from jobs.recover.lock import state_folder_of


def find_empty_sidecars(stack: str) -> list[Path]:
    """The empty ones of a stack, if its state is in a folder. Raises JobError where Pulumi does not say where it is."""
    folder = state_folder_of(stack)
    if folder is None:
        return []
    name, project = stack.rpartition("/")[2], configuration.read_yaml("Pulumi.yaml")["name"]
    patterns = (
        f"stacks/{project}/{name}.*.attrs",
        f"stacks/{name}.*.attrs",
        f"locks/organization/{project}/{name}/*.attrs",
        f"history/{project}/{name}/*.attrs",
        f"backups/{project}/{name}/*.attrs",
    )
    files = [file for pattern in patterns for file in (folder / ".pulumi").glob(pattern)]
    return sorted(file for file in files if not file.read_bytes().strip())


def delete_empty_sidecars(stack: str, dry_run: bool) -> None:
    """Delete them, so that Pulumi reads the state again. Raises JobError in a dry run."""
    files = find_empty_sidecars(stack)
    names = ", ".join(map(str, files))
    if files and dry_run:
        raise JobError(
            f"Pulumi was killed while it wrote, and cannot read the stack {stack}: run the same command without "
            f"--dry-run, which deletes what is empty ({names}).",
            ErrorKind.conflict,
        )
    for file in files:
        file.unlink(missing_ok=True)
    if files:
        terminal.log(f"Pulumi was killed while it wrote: deleted {names}, empty, which kept it from reading the state")
