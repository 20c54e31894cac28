"""A copy of adf/ that a test changes: paths of documents, and values to put into them."""

from collections.abc import Callable
from typing import Any

NAME = "PL_Migrar_Datos_FER"
PIPELINE = f"pipeline/{NAME}"
DELETE = object()  # as a new value: delete the property

Alter = Callable[[str, str, Any], None]


def expression(text: str) -> dict[str, str]:
    return {"value": text, "type": "Expression"}
