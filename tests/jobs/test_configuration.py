"""The jobs and the Pulumi program read the same settings from a stack's configuration."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from jobs import configuration
from jobs.configuration import Configuration
from jobs.errors import JobError
from tests.infra.configuration import OFFERED, PROJECT, ROOT, load
from tests.infra.modes import CHAT, MODES

REGIONS = st.sampled_from(["swedencentral", "koreacentral", "uaenorth"])
OTHER_REGIONS = st.one_of(st.just(""), REGIONS)
ADDRESSES = st.lists(st.sampled_from(["203.0.113.7", "198.51.100.9", "192.0.2.1"]), unique=True)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "location": REGIONS,
        "databaseLocation": OTHER_REGIONS,
        "storageLocation": OTHER_REGIONS,
        "aiLocation": OTHER_REGIONS,
        "nameSuffix": st.from_regex("[a-z0-9]{0,8}", fullmatch=True),
        "resourceGroup": st.just("rg-(other).group"),
        "picturesAccount": st.just("stpictures"),
        "vault": st.just("kv-Other"),
        "foundryAccount": st.just("ai-other"),
        "postgresVersion": st.sampled_from(["16", "17", "18"]),
        "postgresSku": st.sampled_from(["Standard_B1ms", "Standard_D2ds_v5"]),
        "entraOnly": st.booleans(),
        "entraAdminName": st.just("ana@example.edu"),
        "allowedIps": ADDRESSES,
        "models": st.sampled_from([[], [CHAT], [CHAT, {**CHAT, "alias": "second", "format": "OpenAI-OSS"}]]),
        "search": st.sampled_from(["none", "free", "basic"]),
        "diagnostics": st.booleans(),
        "budgetAmount": st.integers(1, 1_000),
        "budgetEmails": st.sampled_from([[], ["ana@example.edu"]]),
    },
)
MODEL_KEYS = {"alias": "alias", "name": "model", "version": "version", "sku": "sku", "capacity": "capacity"}


def read(values: Mapping[str, Any]) -> Configuration:
    """What the jobs read from a stack's file with these values."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        file = Path(folder) / "Pulumi.ana.yaml"
        file.write_text(yaml.safe_dump({"config": {f"{PROJECT['name']}:{key}": v for key, v in values.items()}}))
        patch.setattr(configuration, "PROJECT", Path(folder))
        return configuration.read_configuration("ana")


def assert_agrees(config: Configuration, settings: Any) -> None:
    """Compare field by field; a model's parts have other names in the file."""
    program = asdict(settings)
    shared = {each.name for each in fields(Configuration)} & program.keys() - {"models"}
    assert len(shared) >= 20
    assert {name: getattr(config, name) for name in shared} == {name: program[name] for name in shared}
    assert [[each[key] for key in MODEL_KEYS.values()] for each in config.models] == [
        [each[key] for key in MODEL_KEYS] for each in program["models"]
    ]
    assert config.budget == bool(program["budget_emails"])


@given(VALUES, st.booleans())
@trying(max_examples=40, deadline=None)
def test_the_jobs_and_the_program_read_the_same(values: dict[str, Any], as_text: bool) -> None:
    # `pulumi config set` writes everything but lists as a text; a person writes YAML.
    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in values.items()}
    assert_agrees(read(texts if as_text else values), load(values))


@pytest.mark.parametrize("mode", MODES)
def test_they_agree_in_every_mode(mode: str) -> None:
    assert_agrees(read(MODES[mode]), load(MODES[mode]))


def test_a_stack_without_a_file_has_every_default() -> None:
    defaults = {key: each["default"] for key, each in OFFERED.items()}
    config = configuration.read_configuration("a-stack-without-a-file")
    assert not config.configured
    assert_agrees(config, load(defaults))


def test_every_region_is_named_by_a_setting() -> None:
    config = read({"location": "uaenorth", "storageLocation": "uaenorth", "aiLocation": "koreacentral"})
    assert config.regions == ("uaenorth", "koreacentral")
    assert config.regions_by_setting == {"location": "uaenorth", "aiLocation": "koreacentral"}


def test_a_long_name_of_a_stack_has_the_file_of_its_last_part() -> None:
    assert configuration.read_configuration("university/vector-lake/dev").file == "Pulumi.dev.yaml"
    assert configuration.read_configuration("university/vector-lake/dev").configured


def test_an_invalid_number_names_the_file() -> None:
    with pytest.raises(JobError, match=r"Pulumi\.ana\.yaml.*many"):
        read({"budgetAmount": "many"})
