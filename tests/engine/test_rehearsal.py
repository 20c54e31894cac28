"""docs/azure.md shows what a person sees who types its commands. `make rehearse` types them too."""

import socket
from pathlib import Path

import pytest

from tests.engine.rehearsal import EACH, PORT, PortTakenError, open_rehearsal, shortened
from tests.engine.rehearse import PAGE, main
from tests.transcripts import check_page

PULUMI_UP = """Updating (dev):
 +  pulumi:pulumi:Stack vector-lake-dev creating (0s)
 +  azure-native:storage:StorageAccount lake created (1s)

Outputs:
    lake_url: "https://x/"

Resources:
    + 2 created

Duration: 5s
"""


@pytest.mark.engine
@pytest.mark.exhaustive
def test_the_page_shows_what_its_commands_print(pulumi: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("rehearsal")
    try:
        with open_rehearsal(folder) as rehearsal:
            check_page(PAGE, rehearsal.run)
    except PortTakenError as error:
        pytest.skip(str(error))


def test_a_port_that_another_program_has_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        taken = socket.create_server(("127.0.0.1", PORT))
    except OSError:
        taken = None  # another program has it already
    assert main() == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Nothing of this is Azure") and f"The port {PORT} is not free" in second
    if taken:
        taken.close()


def test_what_comes_in_another_order_each_time_is_one_line() -> None:
    assert shortened(PULUMI_UP) == f"{EACH}\nResources:\n    + 2 created"
    assert shortened("Ready\n\n - no list of Pulumi's\n") == "Ready\n\n - no list of Pulumi's\n"
