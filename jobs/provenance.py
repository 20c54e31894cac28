"""What filled a table of vectors: recorded beside it, carried by `migrate`, the Parquet and every index."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """What filled a table: the name of the weights, their file's SHA-256 in hexadecimal, the precision.

    `network_sha256` is that of int8's quantized network; None with other precisions.
    """

    weights: str
    sha256: str
    precision: str
    network_sha256: str | None = None
