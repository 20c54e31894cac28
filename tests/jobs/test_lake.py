"""The Parquet's vectors: numbers out of the text that PostgreSQL writes."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jobs import lake

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(arrays.arrays(np.float32, st.tuples(st.integers(0, 5), st.integers(1, 8)), elements=NUMBERS))
def test_no_bit_is_lost(vectors: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> None:
    texts = ["[" + ",".join(str(number) for number in row) + "]" for row in vectors]
    found = lake.numbers(pa.array(texts, pa.string()))
    assert found.dtype == np.float32 and len(found) == len(vectors)
    assert not len(vectors) or np.array_equal(found.view(np.uint32), vectors.view(np.uint32))


@pytest.mark.parametrize("texts", [["[1,2]", "[1,2,3]"], ["[1,2]", None], ["[1,x]"], ["[1,]"], [""]])
def test_what_is_no_vector_is_an_error(texts: list[str | None]) -> None:
    with pytest.raises(ValueError):
        lake.numbers(pa.array(texts, pa.string()))
