"""How long a service wants nothing, in the three ways that it may say so."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from jobs.azure.openai_refusal import describe_wait


@pytest.mark.parametrize(("header", "text"), [(None, ""), ("", ""), ("12", ", for 12 s"), ("soon", "")])
def test_seconds_are_said_and_nothing_is_invented(header: str | None, text: str) -> None:
    assert describe_wait(header) == text


def test_a_date_is_said_in_seconds() -> None:
    text = describe_wait(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert 3500 < int(text.removeprefix(", for ").removesuffix(" s")) <= 3600
