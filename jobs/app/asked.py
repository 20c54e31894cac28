"""What an address or a form asks for, as frozen values. An error names the field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict, UploadFile
from starlette.requests import Request

from jobs.errors import ErrorKind, JobError
from jobs.search.query import Criteria
from jobs.search.searcher import PLACES

MOST_K, DEFAULT_K = 100, 10
MOST_ID = 2**63 - 1
MOST_FIELDS = 40
OTHER_FORM = "This form is older than the application, or of another browser: load the page again."
FORMATS = ("", "csv", "json")


def wrong(field: str, must: str) -> JobError:
    """The error of a field of an address or a form."""
    return JobError(f"{field} must be {must}.", ErrorKind.usage)


def read_number(values: Mapping[str, str], field: str, lowest: int, highest: int, default: int | None = None) -> int:
    """A whole number. Raises JobError without it, unless there is a default."""
    text = values.get(field, "")
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and lowest <= int(text) <= highest):
        raise wrong(field, f"a whole number from {lowest} to {highest}")
    return int(text)


def read_choice(values: Mapping[str, str], field: str, choices: Sequence[str]) -> str:
    """One of the choices, the first by default. Raises JobError for another value."""
    text = values.get(field, choices[0])
    if text not in choices:
        raise wrong(field, f"one of {', '.join(choice for choice in choices if choice)}")
    return text


@dataclass(frozen=True, kw_only=True)
class SearchAsked:
    """A search: `id` of the collection or the name of a `given` picture, or neither yet."""

    id: int | None = None
    given: str = ""
    k: int = DEFAULT_K
    emotion: str = ""
    places: tuple[str, ...] = ("lake",)
    format: str = ""

    @classmethod
    def read(cls, values: ImmutableMultiDict[str, str]) -> "SearchAsked":
        """From an address or a form. Raises JobError."""
        asked = values.getlist("place") or ["lake"]
        if unknown := set(asked) - set(PLACES):
            raise wrong("place", f"one of {', '.join(PLACES)}, not {sorted(unknown)[0]!r}")
        return cls(
            id=read_number(values, "id", 0, MOST_ID) if "id" in values else None,
            given=values.get("given", ""),
            k=read_number(values, "k", 1, MOST_K, DEFAULT_K),
            emotion=values.get("emotion", ""),
            places=tuple(place for place in PLACES if place in asked),
            format=read_choice(values, "as", FORMATS),
        )

    @property
    def has_query(self) -> bool:
        return self.id is not None or bool(self.given)

    def criteria(self, place: str) -> Criteria:
        return Criteria(k=self.k, emotion=self.emotion or None, place=place)

    def address(self, **changes: object) -> str:
        """The address of this search, or of one that differs in some fields."""
        asked = replace(self, **changes)  # type: ignore[arg-type]
        pairs: list[tuple[str, object]] = [("id", asked.id)] if asked.id is not None else []
        pairs += [("given", asked.given)] if asked.given else []
        pairs += [("k", asked.k)]
        pairs += [("emotion", asked.emotion)] if asked.emotion else []
        pairs += [("place", place) for place in asked.places]
        pairs += [("as", asked.format)] if asked.format else []
        return f"/search?{urlencode(pairs)}"


@dataclass(frozen=True)
class Form:
    """A form that was sent: its texts by field, and the bytes of its file, if it has one."""

    texts: ImmutableMultiDict[str, str]
    file: bytes


async def read_form(request: Request, file_field: str = "") -> Form:
    """The form of a POST. Raises JobError if it is not one of this browser's."""
    await request.body()  # whole before it is parsed: a body that ends in an error leaves no open file
    async with request.form(max_files=1 if file_field else 0, max_fields=MOST_FIELDS) as form:
        file = form.get(file_field)
        data = await file.read() if isinstance(file, UploadFile) else b""
        texts = ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
    access = request.app.state.access
    if not access.is_form_word(request.cookies.get(access.cookie, ""), texts.get("word", "")):
        raise JobError(OTHER_FORM, ErrorKind.refused)
    return Form(texts, data)
