"""export: the table as a Parquet file, bit for bit, complete or not at all."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs import export
from jobs.errors import JobError
from jobs.postgres import rows
from jobs.postgres.connection import open_connection


def columns(url: str) -> list[tuple[int, str, str, list[float]]]:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id, filepath, emotion, vector::real[] FROM imagenes_fer ORDER BY id")
        return cursor.fetchall()


@pytest.mark.parametrize("group", [1, 7, 40, 4096])
def test_every_row_bit_for_bit(filled_url: str, tmp_path: Path, group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "GROUP_ROWS", group)
    with open_connection(filled_url) as db, db.cursor() as cursor:
        cursor.execute("UPDATE imagenes_fer SET filepath = 'sad/ñandú, \"o\"' || E'\\t.jpg' WHERE id = 3")
        cursor.execute(
            "INSERT INTO imagenes_fer SELECT -5, 'sad/below.jpg', 'sad', vector FROM imagenes_fer WHERE id = 9"
        )
        db.commit()
    result = export.export_table(filled_url, tmp_path / "vectors.parquet")
    assert (result.rows, result.bytes) == (41, (tmp_path / "vectors.parquet").stat().st_size)
    table = pq.read_table(tmp_path / "vectors.parquet")
    expected = columns(filled_url)
    for n, name in enumerate(("id", "filepath", "emotion")):
        assert table[name].to_pylist() == [row[n] for row in expected]
    numbers = table["vector"].combine_chunks().flatten().to_numpy().reshape(-1, 512)
    assert np.array_equal(numbers.view(np.uint32), np.array([row[3] for row in expected], np.float32).view(np.uint32))


def test_what_others_read_it_with(filled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "vectors.parquet"
    export.export_table(filled_url, file)
    schema = pq.read_schema(file)
    assert pa.types.is_fixed_size_list(schema.field("vector").type)
    assert (schema.field("vector").type.list_size, schema.field("vector").type.value_type) == (512, pa.float32())
    vector = pq.read_metadata(file).row_group(0).column(3)
    assert vector.compression == "ZSTD" and "BYTE_STREAM_SPLIT" in vector.encodings
    assert schema.metadata[b"precision"] == b"fp32"
    assert len(schema.metadata[b"weights_sha256"]) == 64


def test_memory_stays_flat_by_groups(filled_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "GROUP_ROWS", 16)
    export.export_table(filled_url, tmp_path / "vectors.parquet")
    metadata = pq.read_metadata(tmp_path / "vectors.parquet")
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [16, 16, 8]


def test_all_of_it_is_as_of_one_moment(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "GROUP_ROWS", 10)
    with open_connection(filled_url) as db, open_connection(filled_url) as other, other.cursor() as cursor:
        groups = rows.read_rows(db)
        first = next(groups)
        cursor.execute("DELETE FROM imagenes_fer")
        other.commit()
        assert len(first.ids) + sum(len(group.ids) for group in groups) == 40


def test_an_empty_table_is_a_file_without_rows(laptop_url: str, tmp_path: Path) -> None:
    assert export.export_table(laptop_url, tmp_path / "none.parquet").rows == 0
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


def test_an_older_file_stays_until_the_new_one_is_whole(filled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "vectors.parquet"
    file.write_bytes(b"old")
    with open_connection(filled_url) as db, db.cursor() as cursor:
        cursor.execute("ALTER TABLE imagenes_fer RENAME COLUMN emotion TO feeling")
        db.commit()
    with pytest.raises(JobError, match="imagenes_fer"):
        export.export_table(filled_url, file)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.parquet"]
    assert file.read_bytes() == b"old"


def test_a_row_without_a_vector_is_reported(filled_url: str, tmp_path: Path) -> None:
    with open_connection(filled_url) as db, db.cursor() as cursor:
        cursor.execute("ALTER TABLE imagenes_fer ALTER COLUMN vector DROP NOT NULL")
        cursor.execute("UPDATE imagenes_fer SET vector = NULL WHERE id = 9")
        db.commit()
    with pytest.raises(JobError, match="no vector of 512 numbers"):
        export.export_table(filled_url, tmp_path / "vectors.parquet")


def test_a_file_that_cannot_be_written_is_reported(filled_url: str, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="cannot be written"):
        export.export_table(filled_url, tmp_path / "no" / "vectors.parquet")
    for folder in (tmp_path, Path()):
        with pytest.raises(JobError, match="is a folder"):
            export.export_table(filled_url, folder)


def test_a_database_without_the_table_is_reported(filled_url: str, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="python -m jobs migrate"):
        export.export_table(replace_database(filled_url, "postgres"), tmp_path / "vectors.parquet")


def replace_database(url: str, name: str) -> str:
    start, _, rest = url.rpartition("/")
    return f"{start}/{name}?{rest.partition('?')[2]}"
