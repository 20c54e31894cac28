"""docs/operating.md shows what the commands print. They are run in order, against one stack on the fake Azure."""

from pathlib import Path

import pytest
import typer

from jobs.commands.app import app
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.local.services import laptop_url
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.postgres_gateway import OpenGateway
from tests.certificates import CertificateAuthority
from tests.fake_programs import FakeProgram
from tests.stack_lifecycle import SERVER, StackLifecycle, skip_waits
from tests.transcripts import check_page, commands

LAPTOP_COMMANDS = {"embed", "adopt"}  # they use the laptop's pictures and database, whatever the target is
ON_OTHER_PAGES = {"app", "explore", "chat", "documents", "agent", "speak", "finetune"}  # docs/app, assistant, finetune


@pytest.fixture
def page(project: Path) -> Path:
    """The page docs/operating.md."""
    return project / "docs" / "operating.md"


@pytest.fixture
def lifecycle(
    laptop: Target,
    faces: Path,
    cloud: Cloud,
    az: FakeProgram,
    open_gateway: OpenGateway,
    authority: CertificateAuthority,
    monkeypatch: pytest.MonkeyPatch,
) -> StackLifecycle:
    """A laptop after `embed`, and a subscription before `pulumi up`."""
    folder = faces.parent
    monkeypatch.setattr("jobs.configuration.PROJECT", folder)
    monkeypatch.chdir(folder)
    skip_waits(monkeypatch)
    embed_pictures(faces, laptop_url(), EmbedOptions(weights="random"))
    return StackLifecycle(cloud, az, folder, laptop, open_gateway(authority.certificate(SERVER)).port)


def test_the_page_shows_what_the_commands_print(lifecycle: StackLifecycle, page: Path) -> None:
    check_page(page, lifecycle.run)
    assert lifecycle.is_gone()
    assert not lifecycle.cloud.unknown_hosts
    assert "Traceback" not in page.read_text(encoding="utf-8")


def test_every_command_for_a_stack_is_on_the_page(page: Path) -> None:
    shown = {each.split()[3] for each in commands(page.read_text(encoding="utf-8")) if each.startswith("python ")}
    top = typer.main.get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    for_stacks = {name for name, each in top.commands.items() if has_target(each)}
    assert {"migrate", "models", "teardown"} <= for_stacks
    assert for_stacks - LAPTOP_COMMANDS - ON_OTHER_PAGES <= shown


def has_target(command: typer.core.TyperCommand | typer.core.TyperGroup) -> bool:
    """Whether a command or one of its subcommands has the option --target."""
    subcommands = command.commands.values() if isinstance(command, typer.core.TyperGroup) else ()
    return any("--target" in each.opts for each in command.params) or any(map(has_target, subcommands))
