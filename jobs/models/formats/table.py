"""The report as a table for people, what Azure changed on top."""

from jobs.models.report import Report
from jobs.models.rows import Row

HEAD = ("name", "model", "sku", "until", "days", "policy", "on that day")


def to_table(report: Report) -> str:
    """The table. The last column is as wide as its texts."""
    if not report.deployments and not report.changes:
        return f"{report.account} has no deployment to report.\n"
    lines = [f"{report.label(each)}: {each.what}" for each in report.changes]
    cells = [HEAD, *(to_cells(each, report.label(each)) for each in report.deployments)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines += [line(row, widths) for row in cells]
    lines += [f"{report.label(each)}: {each.drift}" for each in report.deployments if each.drift]
    if report.unknown:
        lines.append(f"Azure names no date for {', '.join(report.unknown)}.")
    return "\n".join(lines) + "\n"


def to_cells(row: Row, name: str) -> tuple[str, ...]:
    days = "" if row.days is None else str(row.days)
    until = f"{row.retires or 'unknown'}{' (tentative)' if row.tentative else ''}"
    return name, f"{row.model} {row.version}", row.sku, until, days, policy_text(row), row.on_that_day


def policy_text(row: Row) -> str:
    return row.policy or f"null (= {row.policy_effective})"


def line(cells: tuple[str, ...], widths: list[int]) -> str:
    """One line: days to the right, all others to the left, nothing behind the last."""
    padded = [
        each.rjust(width) if title == "days" else each.ljust(width)
        for each, width, title in zip(cells, widths, HEAD, strict=True)
    ]
    return "  ".join(padded).rstrip()
