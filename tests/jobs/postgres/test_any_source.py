"""Any text as the URL of a source: what to log in with, or a sentence."""

from hypothesis import example, given
from hypothesis import strategies as st

from jobs.errors import JobError
from jobs.postgres.connection import connection_params


@given(st.text(max_size=100), st.text(max_size=20))
@example("", "postgresql://u:p@\0/x")
@example("", "host=\ud800")
@example("", "postgresql://u:p@h:99999999999/x")
def test_any_source_is_a_login_or_a_sentence(rest: str, start: str) -> None:
    for url in (start + rest, f"postgresql://{rest}", f"postgresql://u:p@h/{rest}"):
        try:
            connection_params(url)
        except JobError as error:
            assert "%40" in str(error)
