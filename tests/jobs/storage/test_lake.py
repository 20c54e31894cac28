"""The Parquet: numbers out of the text that PostgreSQL writes, its metadata, and invalid files."""

import io
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jobs.errors import JobError
from jobs.storage import lake
from jobs.storage.client import lake_container, upload_blob
from jobs.target import Target

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(deadline=None)  # the time of a busy machine says nothing
@given(arrays.arrays(np.float32, st.tuples(st.integers(0, 5), st.integers(1, 8)), elements=NUMBERS))
def test_no_bit_is_lost(vectors: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> None:
    texts = ["[" + ",".join(str(number) for number in row) + "]" for row in vectors]
    parsed = lake.parse_vectors(pa.array(texts, pa.string()))
    assert parsed.dtype == np.float32 and len(parsed) == len(vectors)
    assert not len(vectors) or np.array_equal(parsed.view(np.uint32), vectors.view(np.uint32))


@pytest.mark.parametrize("texts", [["[1,2]", "[1,2,3]"], ["[1,2]", None], ["[1,x]"], ["[1,]"], [""]])
def test_an_invalid_vector_is_an_error(texts: list[str | None]) -> None:
    with pytest.raises(ValueError):
        lake.parse_vectors(pa.array(texts, pa.string()))


def test_rows_with_empty_fields_are_reported(target: Target) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table([[1], ["sad"], ["[1,2]"], [None]], schema=pa.schema(lake.SCHEMA)), stream)
    upload_blob(lake_container(target), lake.EMBEDDINGS, stream.getvalue())
    with pytest.raises(JobError, match="empty fields"), lake.open_parquet(lake_container(target)) as file:
        list(lake.read_rows(file))


@pytest.mark.skipif(sys.platform == "win32", reason="a file keeps its name there, and the system removes it")
def test_a_killed_process_leaves_no_copy(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.schema(lake.SCHEMA).empty_table(), stream)
    upload_blob(lake_container(target), lake.EMBEDDINGS, stream.getvalue())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with lake.open_parquet(lake_container(target)) as file:
        assert file.metadata.num_rows == 0
        assert list(tmp_path.iterdir()) == []
