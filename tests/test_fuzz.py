"""Each reader of foreign bytes, fuzzed with the guidance of its coverage: `make fuzz`. See fuzz_reader.py.

CHAOS_FUZZ_SECONDS is how long each, CHAOS_SEED chooses.
"""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_mutants import READERS, SEED

SECONDS = int(os.environ.get("CHAOS_FUZZ_SECONDS", "60"))
LIMITS = ("-timeout=10", "-rss_limit_mb=1024")  # seconds and MiB of one input: above them libFuzzer ends the process
NEW_BRANCHES = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+)", re.MULTILINE)


@pytest.mark.chaos
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="`make fuzz` installs Atheris")
@pytest.mark.parametrize("reader", READERS)
def test_every_input_is_a_value_or_the_readers_own_error(
    reader: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path / "inputs"
    folder.mkdir()
    options = (f"-max_total_time={SECONDS}", f"-seed={SEED}", f"-artifact_prefix={tmp_path}/", *LIMITS)
    words = [sys.executable, "-m", "tests.fuzz_reader", reader, *options, str(folder)]
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    lines = NEW_BRANCHES.findall(run.stderr)
    first, last = next(line for line in lines if line[1] == "INITED"), lines[-1]
    assert int(first[2]) > 0
    record_property("inputs", int(last[0]))
    record_property(reader, f"{int(last[0]):,}, {first[2]}, {last[2]}")
