"""A Parquet file that is damaged where the fuzzer found one: its row group says that it has billions of rows."""

import io
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq

MANY = b"\x80\x80\x80\x80\x10"  # 2**31, as Thrift's compact protocol writes it: zigzag, seven bits a byte
END = b"PAR1"


def swell(data: bytes) -> bytes:
    """The file, its one row group's number of rows changed, that of the file not. It has fewer than 64 rows."""
    rows = pq.ParquetFile(io.BytesIO(data)).metadata.num_rows
    length = int.from_bytes(data[-8:-4], "little")
    ends_with = (length + len(MANY) - 1).to_bytes(4, "little") + END
    for at in range(len(data) - 8 - length, len(data) - 8):
        if data[at] == 2 * rows:
            swollen = data[:at] + MANY + data[at + 1 : -8] + ends_with
            with suppress(pa.ArrowException, OSError, ValueError):
                metadata = pq.ParquetFile(io.BytesIO(swollen)).metadata
                if metadata.num_rows == rows != metadata.row_group(0).num_rows:
                    return swollen
    raise ValueError("the number of rows was not found")
