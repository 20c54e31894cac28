"""Reading, computing and writing at the same time: order, bounded memory, and a failure in one of them."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs.embed.bounded_map import bounded_map
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.postgres.connection import open_connection

TERMINATE_BACKEND = """
CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END $$;
CREATE TRIGGER stop BEFORE INSERT ON imagenes_fer FOR EACH ROW WHEN (new.id = 20) EXECUTE FUNCTION stop()
"""


def test_results_come_in_order_and_at_most_depth_ahead() -> None:
    started: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            started.append(number)
            yield number

    with ThreadPoolExecutor(3) as pool:
        results = bounded_map(pool, lambda number: number * number, numbers(), depth=4)
        for number in range(100):
            assert next(results) == number * number
            assert len(started) <= number + 1 + 4


def test_the_next_result_is_computed_while_the_last_one_is_used() -> None:
    second = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            second.set()
        return number

    with ThreadPoolExecutor(1) as pool:
        results = bounded_map(pool, work, [0, 1, 2], depth=1)
        assert next(results) == 0
        assert second.wait(60)


def test_an_error_is_raised_in_the_order_of_the_results() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = bounded_map(pool, lambda number: 1 // number, [1, 0, 1], depth=2)
        assert next(results) == 1
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_a_lost_connection_while_rows_are_written_ends_the_run(faces: Path, laptop_url: str, weights: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute(TERMINATE_BACKEND)
        db.commit()
    with pytest.raises(JobError, match="closed the connection"):
        embed_pictures(faces, laptop_url, EmbedOptions(weights=weights))
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM imagenes_fer")
        assert cursor.fetchone() == (0,)
        cursor.execute("DROP TRIGGER stop ON imagenes_fer")
        db.commit()
    assert embed_pictures(faces, laptop_url, EmbedOptions(weights=weights)).embedded == 40
