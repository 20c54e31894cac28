"""The report as annotations of a pull request: lines that GitHub's runner reads as commands.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from datetime import date, timedelta

from jobs.models.life import RETIRED
from jobs.models.report import Report
from jobs.models.rows import Row

SOON = timedelta(days=90)


def to_github(report: Report) -> str:
    """An error for what --fail-on counts, a warning for what acts within 90 days, for drift, and for what moved."""
    soon = (date.fromisoformat(report.taken) + SOON).isoformat()
    lines = [command("warning", report.label(each), each.what) for each in report.changes]
    for row in report.deployments:
        title = report.label(row)
        failing = title in report.failing
        if failing or row.stage == RETIRED or (row.acts_by and row.acts_by <= soon):
            lines.append(command("error" if failing else "warning", title, sentence(row)))
        if row.drift:
            lines.append(command("warning", title, row.drift))
    lines += [command("warning", each, "Azure names no retirement date") for each in report.unknown]
    return "".join(f"{each}\n" for each in lines)


def sentence(row: Row) -> str:
    return f"{row.model} {row.version} {row.sku} ({row.account}), until {row.retires or 'unknown'}: {row.on_that_day}"


def command(kind: str, title: str, text: str) -> str:
    """One line. Escaped, so that a text of Azure's cannot end it and begin another command."""
    return f"::{kind} title={escape(title).replace(':', '%3A').replace(',', '%2C')}::{escape(text)}"


def escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
