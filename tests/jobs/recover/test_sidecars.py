"""Files that Pulumi was killed while it wrote, so that it reads no state of the stack."""

from pathlib import Path

import pytest

from jobs.recover.sidecars import find_empty_sidecars
from tests.jobs.recover.small_pulumi import SmallPulumi


@pytest.fixture
def sidecar(small_pulumi: SmallPulumi) -> Path:
    """The empty one of the state."""
    file = small_pulumi.folder / ".pulumi/stacks/vector-lake/dev.json.attrs"
    file.parent.mkdir(parents=True)
    file.touch()
    return file


def test_only_empty_ones_of_this_stack_are_found(small_pulumi: SmallPulumi, sidecar: Path) -> None:
    (sidecar.parent / "prod.json.attrs").touch()
    (sidecar.parent / "dev.json.bak.attrs").write_text("{}", encoding="utf-8")
    lock = small_pulumi.lock(1).with_suffix(".json.attrs")
    lock.touch()
    assert find_empty_sidecars("organization/vector-lake/dev") == sorted([sidecar, lock])


def test_recover_deletes_it(small_pulumi: SmallPulumi, sidecar: Path) -> None:
    status, _, err = small_pulumi.run("--yes")
    assert status == 0 and "Pulumi was killed while it wrote" in err and str(sidecar) in err
    assert not sidecar.exists()


def test_a_dry_run_names_it(small_pulumi: SmallPulumi, sidecar: Path) -> None:
    status, _, err = small_pulumi.run("--dry-run")
    assert status == 1 and "without --dry-run" in err and sidecar.exists()
