"""The report as CSV for a spreadsheet, with the columns of the JSON."""

import csv
import io
import json
from dataclasses import fields
from typing import Any

from jobs.models.report import Report
from jobs.models.rows import Row

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of a formula


def to_csv(report: Report) -> str:
    """A line for each deployment; objects in cells are JSON."""
    columns = [each.name for each in fields(Row)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(getattr(row, column)) for column in columns] for row in report.deployments)
    return text.getvalue()


def cell(value: Any) -> str:
    """One cell. A text that a spreadsheet would run gets an apostrophe in front, which it does not show.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if value is None:
        return ""
    text = json.dumps(value) if isinstance(value, dict | bool) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(RUN) else text
