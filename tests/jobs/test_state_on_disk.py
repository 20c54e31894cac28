"""Files that are replaced whole are on disk before they count."""

import os
import sys
from pathlib import Path

import pytest

from jobs.state import atomic_file


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_file_is_on_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut cannot be tried here. What the system is asked for, and when, can."""
    file, synced, fsync = tmp_path / "file", [], os.fsync
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (synced.append((Path(f"/proc/self/fd/{handle}").readlink(), file.exists())), fsync(handle)),
    )
    with atomic_file(file) as new:
        new.write_text("new")
    assert synced == [(new, False), (tmp_path, True)]
