"""migrate to a server as on Azure: the tests of the local target with other values."""

import pytest

from jobs.errors import JobError
from jobs.migrate.run import migrate_table
from jobs.target import Target
from tests.azure_fakes.postgres_gateway import Gateway, gateway_target
from tests.databases import execute
from tests.jobs.migrate.forty_rows import rows
from tests.jobs.migrate.test_migrate import (
    test_a_run_that_failed_goes_on_where_it_stopped,
    test_a_second_time_makes_equal_whatever_changed,
    test_both_tables_are_equal_and_new_ids_go_on,
    test_the_password_is_in_no_argument_list,
    test_two_rows_that_swapped_their_names,
    test_what_filled_the_table_is_copied,
)

__all__ = [
    "test_a_run_that_failed_goes_on_where_it_stopped",
    "test_a_second_time_makes_equal_whatever_changed",
    "test_both_tables_are_equal_and_new_ids_go_on",
    "test_the_password_is_in_no_argument_list",
    "test_two_rows_that_swapped_their_names",
    "test_what_filled_the_table_is_copied",
]


@pytest.fixture
def cloud_url(target: Target, gateway: Gateway) -> Target:
    """The target's database, through TLS."""
    return gateway_target(target, gateway)


def test_every_connection_speaks_tls(filled_url: str, cloud_url: Target, gateway: Gateway) -> None:
    migrate_table(filled_url, cloud_url)
    assert len(gateway.startups) >= 2
    assert gateway.refusals == []


def test_a_connection_that_is_lost_in_the_middle_leaves_the_table_as_it_was(
    filled_url: str, cloud_url: Target, gateway: Gateway
) -> None:
    migrate_table(filled_url, cloud_url)
    before = rows(cloud_url)
    assert len(before) == 40
    execute(filled_url, "UPDATE imagenes_fer SET emotion = 'bored'")
    gateway.cut_after = 40_000  # in the middle of the rows
    with pytest.raises(JobError, match="run the same command again"):
        migrate_table(filled_url, cloud_url)
    gateway.cut_after = None
    assert rows(cloud_url) == before
