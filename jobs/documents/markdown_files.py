"""Read Markdown: a block a paragraph, list or table, each below its headings."""

import re

from jobs.documents.blocks import Block
from jobs.documents.text_files import decode

FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")


def read_markdown(data: bytes) -> list[Block]:
    """The heading of a block is its path of titles, such as `Operate > Pause`. Fenced code stays as it is."""
    blocks: list[Block] = []
    titles: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""

    def end_block() -> None:
        text = "\n".join(lines).strip()
        if text:
            blocks.append(Block(text, " > ".join(title for _, title in titles)))
        lines.clear()

    for line in decode(data).splitlines():
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark and line.strip().startswith(fence) else fence
            lines.append(line)
        elif mark:
            fence = mark.group(1)
            lines.append(line)
        elif heading := HEADING.match(line):
            end_block()
            level = len(heading.group(1))
            titles[:] = [*(each for each in titles if each[0] < level), (level, plain(heading.group(2)))]
        elif line.strip():
            lines.append(line)
        else:
            end_block()
    end_block()
    return blocks


def plain(text: str) -> str:
    """A title without its links and emphasis."""
    return re.sub(r"[*`]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))
