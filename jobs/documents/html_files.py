"""Read HTML with the standard library's parser: its visible text, below its headings."""

from html.parser import HTMLParser

from jobs.documents.blocks import Block
from jobs.documents.text_files import decode

INVISIBLE = {"script", "style", "head", "template", "noscript", "svg"}
BLOCKS = {
    "p",
    "div",
    "li",
    "tr",
    "br",
    "section",
    "article",
    "table",
    "ul",
    "ol",
    "pre",
    "blockquote",
    "dt",
    "dd",
    "td",
    "th",
}
HEADINGS = {f"h{level}": level for level in range(1, 7)}


class VisibleText(HTMLParser):
    """Collects blocks. Tags that nobody closes, as in many pages, do no harm."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.titles: list[tuple[int, str]] = []
        self.parts: list[str] = []
        self.hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.hidden:
            # The body of a page whose head is not closed is visible.
            self.hidden = "" if tag == "body" else self.hidden
        elif tag in INVISIBLE:
            self.hidden = tag
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in BLOCKS or tag in HEADINGS:
            self.end_block()

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            self.hidden = "" if tag == self.hidden else self.hidden
        elif tag in HEADINGS:
            title, level = self.take_text(), HEADINGS[tag]
            self.titles = [*(each for each in self.titles if each[0] < level), (level, title)]
        elif tag in BLOCKS - {"td", "th"}:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)

    def take_text(self) -> str:
        text = " ".join("".join(self.parts).split())
        self.parts = []
        return text

    def end_block(self) -> None:
        if text := self.take_text():
            self.blocks.append(Block(text, " > ".join(title for _, title in self.titles if title)))


def read_html(data: bytes) -> list[Block]:
    """One block a paragraph, item or row. Scripts, styles and the head are not read."""
    parser = VisibleText()
    parser.feed(decode(data))
    parser.close()
    parser.end_block()
    return parser.blocks
