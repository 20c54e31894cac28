"""docs/settings.md is generated from Pulumi.yaml. Run this file as a program to write it again."""

import json
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
SETTINGS = ROOT / "docs" / "settings.md"
HEAD = """# Settings

Generated from the `config:` block of Pulumi.yaml. Set a value with `pulumi config set NAME VALUE`, one element of a
list with `pulumi config set --path "NAME[0]" VALUE`, and a whole list in Pulumi.STACK.yaml (`vector-lake:NAME: []` is
an empty list).

| name | type | default | description |
| --- | --- | --- | --- |
"""


def settings_page() -> str:
    """Return the page of all settings, from Pulumi.yaml."""
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    rows = [
        f"| `{name}` | {each['type']} | `{json.dumps(each['default'])}` | {' '.join(each['description'].split())} |\n"
        for name, each in config.items()
    ]
    return HEAD + "".join(row.replace("\\|", "|") for row in rows)


def test_settings_page_matches_pulumi_yaml() -> None:
    assert SETTINGS.read_text(encoding="utf-8") == settings_page(), "run `python tests/test_documentation.py`"


def test_every_setting_in_the_guide_exists() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    guide = (ROOT / "docs" / "azure.md").read_text(encoding="utf-8")
    named = re.findall(r"pulumi config set (?:--path ['\"])?(\w+)", guide)
    assert len(named) >= 4
    assert set(named) <= set(config)


if __name__ == "__main__":
    sys.exit(SETTINGS.write_text(settings_page(), encoding="utf-8") == 0)
