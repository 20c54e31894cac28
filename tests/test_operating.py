"""docs/operating.md shows what the commands print: each is run in the page's order against one played stack."""

from pathlib import Path

import pytest
import typer

from jobs.commands.app import app
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.local.services import laptop_url
from jobs.target import Target
from tests.azure_fakes.authority import Authority
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.lifecycle import SERVER, World, at_once
from tests.azure_fakes.postgres import Open
from tests.azure_fakes.programs import Program
from tests.transcripts import check_page, commands

OF_THE_LAPTOP = {"embed"}  # its pictures and its database are, whatever the target is


@pytest.fixture
def page(project: Path) -> Path:
    return project / "docs" / "operating.md"


@pytest.fixture
def world(
    laptop: Target,
    faces: Path,
    cloud: Cloud,
    az: Program,
    opened: Open,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """The laptop as `embed` leaves it, and the cloud before `pulumi up`."""
    here = faces.parent
    monkeypatch.setattr("jobs.configuration.PROJECT", here)
    monkeypatch.chdir(here)
    at_once(monkeypatch)
    embed_pictures(faces, laptop_url(), EmbedOptions(weights="random"))
    return World(cloud, az, here, laptop, opened(authority.certificate(SERVER)).port)


def test_the_page_shows_what_the_commands_print(world: World, page: Path) -> None:
    check_page(page, world.types)
    assert world.gone()
    assert not world.cloud.strangers
    assert "Traceback" not in page.read_text(encoding="utf-8")


def test_every_command_for_a_stack_is_on_the_page(page: Path) -> None:
    shown = {each.split()[3] for each in commands(page.read_text(encoding="utf-8")) if each.startswith("python ")}
    top = typer.main.get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    for_stacks = {name for name, each in top.commands.items() if takes_a_stack(each)}
    assert {"migrate", "models", "teardown"} <= for_stacks
    assert for_stacks - OF_THE_LAPTOP <= shown


def takes_a_stack(command: typer.core.TyperCommand | typer.core.TyperGroup) -> bool:
    """Whether it, or a command below it, has --target."""
    below = command.commands.values() if isinstance(command, typer.core.TyperGroup) else ()
    return any("--target" in each.opts for each in command.params) or any(map(takes_a_stack, below))
