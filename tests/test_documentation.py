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

ASSISTANT = """
## Models of the assistant

`chat` answers; the others are optional. A subscription needs a quota for each: `python -m jobs models preflight`.

```yaml
config:
  vector-lake:models:
    - {alias: chat, model: gpt-5.4-mini, version: "2026-03-17", sku: GlobalStandard, capacity: 1}
    # documents found by meaning: `documents add`
    - {alias: embed, model: text-embedding-3-small, version: "1", sku: GlobalStandard, capacity: 1}
    # many questions at half the price: `chat batch`
    - {alias: batch, model: gpt-5.4-mini, version: "2026-03-17", sku: GlobalBatch, capacity: 1}
    # `speak --backend openai`: it retires on 2026-12-15, and Azure Speech needs no deployment
    - {alias: tts, model: gpt-4o-mini-tts, version: "2025-12-15", sku: GlobalStandard, capacity: 1}
```
"""


def settings_page() -> str:
    """Return the page of all settings, from Pulumi.yaml."""
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    rows = [
        f"| `{name}` | {each['type']} | `{json.dumps(each['default'])}` | {' '.join(each['description'].split())} |\n"
        for name, each in config.items()
    ]
    return HEAD + "".join(row.replace("\\|", "|") for row in rows) + ASSISTANT


def test_settings_page_matches_pulumi_yaml() -> None:
    assert SETTINGS.read_text(encoding="utf-8") == settings_page(), "run `python tests/test_documentation.py`"


def test_the_models_of_the_assistant_are_a_setting_that_the_program_takes() -> None:
    """By their aliases: those that the commands look for."""
    from jobs.assistant import batch
    from jobs.documents import vectors
    from jobs.speak import openai_speech
    from tests.infra.configuration import load

    block = ASSISTANT.split("```yaml\n")[1].split("```")[0]
    entries = yaml.safe_load(block)["config"]["vector-lake:models"]
    models = load({"models": entries}).models
    assert [each.alias for each in models] == ["chat", vectors.ALIAS, batch.ALIAS, openai_speech.ALIAS]
    assert {each.alias: each.sku for each in models}["batch"] == "GlobalBatch"


def test_every_setting_in_the_guide_exists() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    guide = (ROOT / "docs" / "azure.md").read_text(encoding="utf-8")
    named = re.findall(r"pulumi config set (?:--path ['\"])?(\w+)", guide)
    assert len(named) >= 4
    assert set(named) <= set(config)


if __name__ == "__main__":
    sys.exit(SETTINGS.write_text(settings_page(), encoding="utf-8") == 0)
