"""models explain: what an error of Azure about models means, and what to change. It needs no login."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import terminal
from jobs.azure.account import has_machine_login, signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.configuration import Configuration
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_JSON_BYTES, UnusableFileError, read_regular_file
from jobs.lines import escape_name
from jobs.models.error_meanings import MEANINGS
from jobs.models.offers import HINT, ROLE
from jobs.models.regions import list_room
from jobs.models.target_model import TargetModel

MOST_REGIONS = 10


@dataclass(frozen=True)
class FreeRegion:
    """A region with room for the stack's model. `free` is in the SKU's unit, thousands of tokens a minute for most."""

    region: str
    sku: str
    free: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`code` is Azure's innermost one that is known; `regions` is empty without a login."""

    code: str
    meaning: str
    advice: list[str]
    regions: list[FreeRegion]

    def summary(self) -> str:
        lines = [f"{self.code}: {self.meaning}", *(f"  - {each}" for each in self.advice)]
        if self.regions:
            lines.append("Regions with room for the stack's model:")
            lines += [f"  {each.region:20} {each.sku:20} {each.free:,.0f}" for each in self.regions]
        return "\n".join(lines)


def explain_error(text: str, config: Configuration, subscription: str = "") -> Explanation:
    """What a pasted error means. `subscription` is that of a stack's outputs, "" for the one of the settings or login.

    Raises JobError where no code in it is known.
    """
    codes = find_codes(text)
    code = next((known for known in MEANINGS if known in codes), None)
    if code is None:
        found = f": it has {', '.join(escape_name(each) for each in codes[:5])}" if codes else ""
        raise JobError(
            f"No code in this text is known here{found}. Paste Azure's whole error, with its `code`; `python -m jobs "
            "doctor` and `models preflight` find most causes.",
            ErrorKind.invalid,
        )
    meaning = MEANINGS[code]
    return Explanation(
        code=code,
        meaning=meaning.sentence,
        advice=list(meaning.advice),
        regions=find_regions(config, subscription) if meaning.needs_region else [],
    )


def find_codes(text: str) -> list[str]:
    """The codes of an error: each `code` of its JSON, and words of the text that are known codes."""
    codes: list[str] = []
    start = text.find("{")
    while start >= 0:
        try:
            value, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            codes += walk_codes(value)
        start = text.find("{", end)
    codes += [known for known in MEANINGS if re.search(rf"\b{known}\b", text)]
    return list(dict.fromkeys(codes))


def walk_codes(value: Any) -> Iterator[str]:
    """Every `code` in a JSON value; Azure puts JSON into the texts of messages, too."""
    if isinstance(value, Mapping):
        if isinstance(value.get("code"), str):
            yield value["code"]
        for each in value.values():
            yield from walk_codes(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from walk_codes(each)


def find_regions(config: Configuration, subscription: str) -> list[FreeRegion]:
    """The regions with room for the stack's first model, most room first; none without a login or an answer."""
    account = signed_in_account()
    if not config.models or (account is None and not has_machine_login()):
        return []
    model = config.models[0]
    scope = f"/subscriptions/{subscription or subscription_id(config, account)}"
    wanted = TargetModel(str(model.get("model")), str(model.get("version")))
    try:
        with translate_errors("the models' capacities", ROLE, HINT), Arm() as arm:
            rooms = list_room(arm, scope, str(model.get("format", "OpenAI")), wanted)
    except JobError as error:
        terminal.log(f"Where there is room is unknown. {error}")
        return []
    regions = [FreeRegion(*each) for each in rooms if each[2] > 0]
    return sorted(regions, key=lambda each: (-each.free, each.region))[:MOST_REGIONS]


def read_error(file: Path) -> str:
    """The text of a file. Raises JobError where it cannot be used."""
    if not file.is_file():
        raise JobError(
            f"There is no file {file}: save Azure's error into one, or give - and paste it.", ErrorKind.not_found
        )
    try:
        data = read_regular_file(file, MAX_JSON_BYTES)
    except UnusableFileError as error:
        raise JobError(f"{file} cannot be used: {error}.", ErrorKind.invalid) from error
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
