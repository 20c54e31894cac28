"""Fuzz one reader of foreign bytes, guided by the coverage of our code and of the libraries written in Python.

    python -m tests.fuzz_reader READER [options of libFuzzer] FOLDER

FOLDER gets an input for each new branch. An exception that is not the reader's own ends the process, and its input is
written beside. Atheris (https://github.com/google/atheris) has wheels for Linux.
"""

import sys
from contextlib import suppress
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # `make fuzz` installs it

with atheris.instrument_imports(include=["jobs", "PIL", "yaml", "json", "jsonschema"]):
    from tests.test_mutants import READERS


def main(words: list[str]) -> None:
    """Never returns: libFuzzer ends the process."""
    reader, folder = words[0], Path(words[-1])
    seeds, read, errors = READERS[reader]()
    for number, seed in enumerate(seeds):
        (folder / f"seed-{number}").write_bytes(seed)

    def read_one(data: bytes) -> None:
        with suppress(*errors):
            read(data)

    atheris.Setup([reader, *words[1:]], read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
