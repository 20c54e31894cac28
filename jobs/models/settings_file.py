"""The setting `models` in Pulumi.STACK.yaml, changed so that comments, order and quotation marks stay."""

import copy
import io
import json
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, ScalarString
from ruamel.yaml.util import load_yaml_guess_indent

from jobs import configuration
from jobs.configuration import Configuration
from jobs.configuration_values import parse_value
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import parse_yaml
from jobs.models.drift import find_entry
from jobs.state import atomic_file

# The keys of an entry, by those of a change.
KEYS = {"model": "model", "version": "version", "sku": "sku", "capacity": "capacity", "policy": "upgradePolicy"}

Entries = MutableSequence[MutableMapping[str, Any]]
Edit = Callable[[Entries], None]


def has_entry(entries: Sequence[Mapping[str, Any]], name: str) -> bool:
    return find_entry(entries, name) is not None


def entry_edit(name: str, changes: Mapping[str, Any]) -> Edit:
    """The edit that gives an entry the values of a change, and leaves alone those that it has."""

    def edit(entries: Entries) -> None:
        entry = find_entry(entries, name)
        assert isinstance(entry, MutableMapping)  # noqa: S101 - the caller has looked
        for key, value in changes.items():
            if str(entry.get(KEYS[key])) != str(value) or (key == "version" and not isinstance(entry[key], str)):
                entry[KEYS[key]] = styled(value, entry.get(KEYS[key]), key)

    return edit


def addition(entry: Mapping[str, Any]) -> Edit:
    """The edit that appends an entry."""
    styled_entry = {key: styled(value, None, key) for key, value in entry.items()}
    return lambda entries: entries.append(dict(styled_entry))


def removal(name: str) -> Edit:
    """The edit that removes an entry."""

    def edit(entries: Entries) -> None:
        places = [at for at, each in enumerate(entries) if str(each.get("alias")).lower() == name.lower()]
        for at in reversed(places):
            del entries[at]

    return edit


def all_edits(edits: Sequence[Edit]) -> Edit:
    """Several edits as one."""

    def edit(entries: Entries) -> None:
        for each in edits:
            each(entries)

    return edit


def styled(value: Any, old: Any, key: str) -> Any:
    """A value in the quotation marks of the old one; a version always in some, or YAML would read a date."""
    if not isinstance(value, str):
        return value
    if isinstance(old, ScalarString):
        return type(old)(str(value))
    return DoubleQuotedScalarString(str(value)) if key == "version" else str(value)


def edited(entries: Sequence[Mapping[str, Any]], edit: Edit) -> list[dict[str, Any]]:
    """The entries with an edit, as plain values."""
    copied: Any = [dict(copy.deepcopy(each)) for each in entries]
    edit(copied)
    return [{key: plain(value) for key, value in each.items()} for each in copied]


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) or hasattr(value, "isoformat") else value


def setting_line(entries: Sequence[Mapping[str, Any]]) -> str:
    """The setting as one line for a stack's file. JSON is YAML too."""
    return f"{setting_key()}: {json.dumps(entries)}"


def setting_key() -> str:
    return f"{configuration.read_yaml('Pulumi.yaml')['name']}:models"


def write_models(config: Configuration, edit: Edit) -> None:
    """Edit the setting in the stack's file. A stack that uses the default list gets the whole list.

    Raises JobError, and leaves the file, where the edit would change more than one entry: with anchors in it.
    """
    file = configuration.stack_path(config.stack)
    before = file.read_bytes().decode() if file.is_file() else ""
    text = edited_text(before.replace("\r\n", "\n"), edit, config)
    expected = edited(config.models, edit)
    if not same_entries(text, expected):
        raise JobError(
            f"{config.file} shares parts between entries (anchors), so a change of one would change others: write it "
            f"by hand, `{setting_line(expected)}`.",
            ErrorKind.invalid,
        )
    with atomic_file(file) as new:
        new.write_bytes((text.replace("\n", "\r\n") if "\r\n" in before else text).encode())


def edited_text(text: str, edit: Edit, config: Configuration) -> str:
    """The text of the file with an edit."""
    _, indent, offset = load_yaml_guess_indent(text) if text.strip() else (None, None, None)
    file = YAML()
    file.preserve_quotes, file.width = True, 4096
    sequence = (indent or 2) if offset is not None else 2
    file.indent(mapping=2, sequence=max(sequence, (offset or 0) + 2), offset=offset or 0)
    document = file.load(text) or {}
    settings = document.get("config")
    if not isinstance(settings, MutableMapping):
        settings = document["config"] = {}
    value: Any = settings.get(setting_key())
    if isinstance(value, str):  # the JSON text that `pulumi config set` writes
        settings[setting_key()] = styled(json.dumps(edited(config.models, edit)), value, "")
    else:
        if value is None:
            settings[setting_key()] = value = quoted(config.models)
        edit(value)
    out = io.StringIO()
    file.dump(document, out)
    return out.getvalue()


def quoted(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The default list for a file that has none: versions in quotation marks."""
    return [{key: styled(value, None, key) for key, value in each.items()} for each in entries]


def same_entries(text: str, expected: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a file's text has these entries, read as every other program reads it."""
    value = (parse_yaml(text.encode()).get("config") or {}).get(setting_key())
    found = parse_value(value)
    return [{key: plain(one) for key, one in each.items()} for each in found] == list(expected)
