"""`python -m jobs` as a shell starts it."""

import subprocess
import sys


def jobs(*arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "jobs", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done
