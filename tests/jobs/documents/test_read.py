"""Files of every format become blocks; what gives no text says why."""

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfWriter

from jobs.documents.blocks import Block, UnreadableDocumentError
from jobs.documents.read import find_documents, read_blocks
from jobs.errors import JobError
from tests.jobs.documents.pdf import write_pdf


def read(name: str, data: bytes | str) -> list[Block]:
    return read_blocks(Path(name), data.encode() if isinstance(data, str) else data)


def test_markdown_keeps_the_path_of_headings_and_code_is_no_heading() -> None:
    text = "# Guide\n\nHello.\n\n## [Pause](#x) `it`\n\n```\n# not a heading\n\nend\n```\n\nStop.\n\n# Other\nBye."
    assert read("a.md", text) == [
        Block("Hello.", "Guide"),
        Block("```\n# not a heading\n\nend\n```", "Guide > Pause it"),
        Block("Stop.", "Guide > Pause it"),
        Block("Bye.", "Other"),
    ]


def test_html_is_its_visible_text() -> None:
    page = (
        "<html><head><title>t</title><style>b{}</style></head><body><h1>Guía</h1><p>Uno<br>dos &amp; tres"
        "<script>alert(1)</script><table><tr><td>a<td>b<tr><td>c</table><h2>Más</h2>fin"
    )
    assert read("A.HTML", page) == [
        Block("Uno", "Guía"),
        Block("dos & tres", "Guía"),
        Block("a b", "Guía"),
        Block("c", "Guía"),
        Block("fin", "Guía > Más"),
    ]


def test_records_carry_their_names() -> None:
    assert read("a.csv", "name;grade\nAna;9,5\n\nLuis;\n") == [Block("name: Ana; grade: 9,5"), Block("name: Luis")]
    document = {"course": "AI", "tags": ["a", "b"], "students": [{"name": "Ana", "age": 20}, {"name": "Luis"}]}
    assert read("a.json", json.dumps(document)) == [
        Block("course: AI"),
        Block("a, b", "tags"),
        Block("name: Ana; age: 20", "students > 1"),
        Block("name: Luis", "students > 2"),
    ]


def test_pdf_pages_are_kept() -> None:
    assert read("a.pdf", write_pdf("First page", "Second page")) == [
        Block("First page", page=1),
        Block("Second page", page=2),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_of_windows_is_read(encoding: str) -> None:
    assert read("a.txt", "¿Cómo?\r\n\r\nAsí.".encode(encoding)) == [Block("¿Cómo?"), Block("Así.")]


def blank_pdf() -> bytes:
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(stream)
    return stream.getvalue()


def locked_pdf() -> bytes:
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", blank_pdf(), "only pictures"),
        ("a.pdf", locked_pdf(), "password"),
        ("a.pdf", b"%PDF-1.7 cut", "damaged"),
        ("a.json", b'{"a": ', "not valid JSON"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.txt", b"\x00\x01\x02", "not text"),
        ("a.txt", b"\xff\xfe\x00", "not text"),
        ("a.txt", b"  \n\n ", "no text"),
        ("a.docx", b"PK", "not one of the formats"),
    ],
)
def test_what_gives_no_text_says_why(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=reason):
        read(name, data)


@pytest.mark.parametrize("depth", [*range(880, 1000, 3)])
def test_json_of_any_depth_is_read_or_says_why(depth: int) -> None:
    try:
        assert read("a.json", '{"a": ' * depth + "1" + "}" * depth)[0].text == "a: 1"
    except UnreadableDocumentError as error:
        assert "too deeply" in str(error)


def test_no_value_of_a_csv_is_lost() -> None:
    data = "\ufeffnombre;nota;\nJosé;4,5\nAna;3;bien;extra\n".encode()
    assert [each.text for each in read_blocks(Path("A.CSV"), data)] == [
        "nombre: José; nota: 4,5",
        "nombre: Ana; nota: 3; column 3: bien; column 4: extra",
    ]


def test_what_postgresql_cannot_keep_is_left_out() -> None:
    assert read("a.json", '{"a": "x\\u0000y \\ud800"}') == [Block("a: xy ?")]


def test_folders_give_their_documents_once_and_hidden_ones_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("d/b.TXT", "d/sub/a.md", "d/.git/c.md", "d/.hidden.md", "d/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [name for name, _ in find_documents([tmp_path / "d", tmp_path / "d" / "b.TXT"])] == ["d/b.TXT", "d/sub/a.md"]
    monkeypatch.chdir(tmp_path / "d")
    assert [name for name, _ in find_documents([tmp_path / "d"])] == ["b.TXT", "sub/a.md"]
    with pytest.raises(JobError, match="no file or folder"):
        list(find_documents([tmp_path / "none"]))
