"""Every kind of bad picture is read or refused with a reason, within 10 s of the processor and 512 MB."""

import os
import sys
import traceback
from collections.abc import Callable

import pytest

from jobs.pictures.read import UnreadableError, decode_image
from tests.jobs.pictures.corpus import VALID, bad_pictures

pytestmark = pytest.mark.slow

SECONDS, MEGABYTES = 10, 512


def decode_within_limits(data: bytes) -> str:
    """Decode in a process of its own, which the system ends at the limit. Returns `read`, the reason, or the error."""
    import resource

    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        size = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")  # noqa: PTH123, SIM115
        limit = size + MEGABYTES * 10**6
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        spent = int(sum(os.times()[:2])) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, spent + SECONDS))
        try:
            decode_image(data, "L")
            answer = "read"
        except UnreadableError as error:
            answer = f"refused: {error}"
        except BaseException:
            answer = traceback.format_exc()
        os.write(writer, answer.encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read().decode()
    _, status = os.waitpid(pid, 0)
    return answer if status == 0 else f"ended by the system: {status}"


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
def test_every_kind_is_read_or_refused_within_the_limits(record_property: Callable[[str, object], None]) -> None:
    outcomes = {name: decode_within_limits(data) for name, data in bad_pictures()}
    assert len(outcomes) >= 80
    record_property("kinds", len(outcomes))
    wrong = {name: text for name, text in outcomes.items() if text != "read" and not text.startswith("refused: ")}
    assert wrong == {}
    assert {name for name, text in outcomes.items() if "not enough memory" in text} == set()
    assert {name: outcomes[name] for name in VALID if outcomes[name] != "read"} == {}
