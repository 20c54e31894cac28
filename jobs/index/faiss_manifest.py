"""`current.json`: what the lake's index was built from, and the names, sizes and hashes of its two files."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Self

from jobs.foreign_files import UnusableFileError, parse_json
from jobs.provenance import METADATA_KEYS, Provenance
from jobs.storage import lake

NAMES = re.compile(re.escape(lake.INDEX) + r"[0-9a-f]{12}/[a-z]+\.(faiss|parquet)")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class IndexFile:
    """A file of the index: its name in the container, its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, name: str, data: bytes) -> Self:
        return cls(name, len(data), hashlib.sha256(data).hexdigest())

    @classmethod
    def from_fields(cls, fields: Any) -> Self:
        """Raises TypeError, KeyError or ValueError for what is not the description of a file of an index."""
        name, size, sha256 = fields["name"], fields["size"], fields["sha256"]
        if not NAMES.fullmatch(name) or not SHA256.fullmatch(sha256) or type(size) is not int:
            raise ValueError("not a file of an index")
        return cls(name, size, sha256)

    def problem(self, data: bytes) -> str | None:
        """How these bytes differ from what is described; None where they do not."""
        return None if IndexFile.of(self.name, data) == self else f"{self.name} is not what current.json describes"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`rows` is the number of vectors, and of labels."""

    rows: int
    vectors: IndexFile
    labels: IndexFile
    parquet_etag: str
    provenance: Provenance

    def to_json(self) -> str:
        files = {"vectors": asdict(self.vectors), "labels": asdict(self.labels)}
        fields = {"rows": self.rows, "parquet_etag": self.parquet_etag, **files}
        return json.dumps(fields | dict.fromkeys(METADATA_KEYS) | self.provenance.to_metadata())

    @classmethod
    def from_json(cls, text: str | bytes) -> Self | None:
        """None if the text is not a manifest, or one of an older version, which had no hashes."""
        try:
            fields = parse_json(text)
            provenance = Provenance.from_metadata(fields)
            vectors, labels = (IndexFile.from_fields(fields[name]) for name in ("vectors", "labels"))
            rows, etag = fields["rows"], fields["parquet_etag"]
        except (UnusableFileError, ValueError, KeyError, TypeError, AttributeError):
            return None
        if provenance is None or type(rows) is not int or rows < 0 or not isinstance(etag, str):
            return None
        return cls(rows=rows, vectors=vectors, labels=labels, parquet_etag=etag, provenance=provenance)
