"""The configuration that Pulumi's engine would pass, and infra/'s modules as its language host imports them."""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
SIBLINGS = {path.stem for path in INFRA.glob("*.py")} - {"__main__"}
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
OFFERED = PROJECT["config"]
TENANT = "22222222-2222-2222-2222-222222222222"


@contextmanager
def infra_modules() -> Iterator[pytest.MonkeyPatch]:
    """Import infra/'s modules as the language host does, by plain names inside the folder. Forget them afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SIBLINGS:
            patch.delitem(sys.modules, name, raising=False)
        patch.syspath_prepend(str(INFRA))
        patch.chdir(INFRA)
        try:
            yield patch
        finally:
            for name in SIBLINGS:
                sys.modules.pop(name, None)


@contextmanager
def configured(settings: Mapping[str, Any]) -> Iterator[None]:
    """Set the configuration that the engine would pass: these settings, and Pulumi.yaml's defaults for all others."""
    values = {key: spec["default"] for key, spec in OFFERED.items()} | dict(settings)
    text = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    pulumi.runtime.set_all_config({f"{PROJECT['name']}:{key}": value for key, value in text.items()}, [])
    try:
        yield
    finally:
        pulumi.runtime.set_all_config({}, [])


def load(settings: Mapping[str, Any]) -> Any:
    """Return infra's Settings for these values."""
    with infra_modules() as patch, configured(settings):
        patch.setattr(pulumi, "get_project", lambda: PROJECT["name"])
        patch.setattr(pulumi, "get_stack", lambda: "test")
        # pulumi.Config looks up the project itself, and Pulumi is not running here.
        patch.setattr("pulumi.config.get_project", lambda: PROJECT["name"])
        return importlib.import_module("settings").load_settings()
