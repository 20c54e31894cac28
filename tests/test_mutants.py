"""Each reader of foreign bytes, given mutants of what it reads: a value or its own error, never another one.

CHAOS_MUTANTS is their number for a slow reader; a fast one gets TIMES as many. CHAOS_SEED chooses them.
The last mutant stays in a file until its reader has ended, after its length: after a crash of the process it is there.
"""

import io
import json
import mmap
import os
import random
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.errors import JobError
from jobs.foreign_files import UnusableFileError, parse_json, parse_yaml
from jobs.index.faiss_files import LABELS, DamagedIndexError, read_flat_index, read_labels, write_labels
from jobs.index.faiss_manifest import IndexFile, Manifest
from jobs.pictures.read import UnreadableError, decode_image
from jobs.pipeline.local_runner.expressions import evaluate
from jobs.provenance import Provenance
from jobs.storage import lake
from jobs.target import Target
from tests.infra.configuration import ROOT
from tests.jobs.pictures.corpus import VALID

MUTANTS, SEED = int(os.environ.get("CHAOS_MUTANTS", "100")), int(os.environ.get("CHAOS_SEED", "1"))
pytestmark = [pytest.mark.slow] if MUTANTS > 1000 else []
TIMES = {  # so that all of them take about as long
    "pictures": 10,
    "vectors.faiss": 65,
    "labels.parquet": 8,
    "current.json": 85,
    "the Parquet": 2,
    "JSON": 90,
    "YAML": 10,
    "outputs": 45,
    "expressions": 140,
}
LENGTH, LONGEST = struct.Struct("<q"), 2**20  # of a mutant
ROWS = 8
ODD = (
    b"",
    b"\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"..",
    b"NaN",
    b"{",
    b"&a",
    b"*a",
)
OUTPUTS = {name: "x" for name in Target.__dataclass_fields__} | {"postgres_port": "5432"}


class Container:
    """The one method of a container that reading the Parquet calls."""

    container_name = "raw"

    def __init__(self, data: bytes) -> None:
        self.data = data

    def download_blob(self, name: str) -> Any:
        return SimpleNamespace(readinto=lambda file: file.write(self.data))


def valid_index() -> bytes:
    index = faiss.IndexFlatIP(512)
    index.add(np.eye(ROWS, 512, dtype=np.float32))
    data: bytes = faiss.serialize_index(index).tobytes()
    return data


def valid_labels() -> bytes:
    return write_labels(pa.table([list(range(ROWS)), ["sad"] * ROWS, ["sad/a.jpg"] * ROWS], LABELS))


def valid_manifest() -> bytes:
    files = (IndexFile.of(f"{lake.INDEX}{'a' * 12}/{name}", b"x") for name in ("vectors.faiss", "labels.parquet"))
    vectors, labels = files
    made_with = Provenance("random", "ab" * 32, "fp32")
    return (
        Manifest(rows=ROWS, vectors=vectors, labels=labels, parquet_etag="e", provenance=made_with).to_json().encode()
    )


def valid_parquet() -> bytes:
    vector = "[" + ",".join(["0.5"] * 512) + "]"
    rows = [list(range(ROWS)), ["sad"] * ROWS, [vector] * ROWS, ["raw/imagenes/train/sad/a.jpg"] * ROWS]
    stream = io.BytesIO()
    pq.write_table(pa.table(rows, schema=pa.schema(lake.SCHEMA)), stream)
    return stream.getvalue()


def read_parquet(data: bytes) -> None:
    with lake.open_parquet(Container(data)) as file:  # type: ignore[arg-type]
        lake.parquet_metadata(file)
        list(lake.read_rows(file, "raw/imagenes/train/"))


def read_adf(data: bytes) -> None:
    parse_json(data)


Reader = tuple[list[bytes], Callable[[bytes], object], tuple[type[Exception], ...]]
READERS: dict[str, Callable[[], Reader]] = {
    "pictures": lambda: ([make() for make in VALID.values()], lambda data: decode_image(data, "L"), (UnreadableError,)),
    "vectors.faiss": lambda: ([valid_index()], lambda data: read_flat_index(data, ROWS), (DamagedIndexError,)),
    "labels.parquet": lambda: ([valid_labels()], lambda data: read_labels(data, ROWS), (DamagedIndexError,)),
    "current.json": lambda: ([valid_manifest()], Manifest.from_json, ()),
    "the Parquet": lambda: ([valid_parquet()], read_parquet, (JobError,)),
    "JSON": lambda: ([path.read_bytes() for path in (ROOT / "adf").rglob("*.json")], read_adf, (UnusableFileError,)),
    "YAML": lambda: ([(ROOT / "Pulumi.dev.yaml").read_bytes()], parse_yaml, (UnusableFileError,)),
    "outputs": lambda: (
        [json.dumps(OUTPUTS).encode()],
        lambda data: Target.from_outputs(as_object(parse_json(data)), "x"),
        (UnusableFileError, JobError),
    ),
    "expressions": lambda: (
        [b"@concat('a', pipeline().RunId)", b"raw/@{pipeline().parameters.x}/@@{a}", b"@concat(concat(1.5,true),null)"],
        lambda data: evaluate(data.decode("latin-1"), {"pipeline": lambda: {"RunId": "1", "parameters": {"x": "y"}}}),
        (ValueError,),
    ),
}


def as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mutate(data: bytes, chosen: random.Random) -> bytes:
    """The bytes with one to four changes: bits, odd values, cuts, copies."""
    changed = bytearray(data)
    for _ in range(chosen.randint(1, 4)):
        at = chosen.randrange(len(changed) + 1)
        match chosen.randrange(5):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chosen.randrange(8)
            case 1:
                odd = chosen.choice(ODD)
                changed[at : at + len(odd)] = odd
            case 2:
                del changed[at : at + chosen.randint(1, 64)]
            case 3:
                changed[at:at] = changed[at : at + chosen.randint(1, 64)]
            case _:
                changed[at : at + 1] = bytes([chosen.randrange(256)])
    return bytes(changed)


@pytest.mark.parametrize("reader", READERS)
def test_a_mutant_is_a_value_or_the_readers_own_error(
    reader: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seeds, read, errors = READERS[reader]()
    chosen, mutants = random.Random(f"{SEED} {reader}"), MUTANTS * TIMES[reader]
    (tmp_path / "mutant").write_bytes(bytes(LONGEST))
    with (tmp_path / "mutant").open("r+b") as file, mmap.mmap(file.fileno(), LONGEST) as last:
        for _ in range(mutants):
            data = mutate(chosen.choice(seeds), chosen)
            last[: LENGTH.size] = LENGTH.pack(len(data))
            last[LENGTH.size : LENGTH.size + len(data)] = data
            with suppress(*errors):
                read(data)
    record_property("mutants", mutants)
