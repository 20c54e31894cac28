"""The report as JUnit's XML: a test case a deployment, failed where --fail-on counts it."""

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from jobs.models.report import Report
from jobs.models.rows import Row


def to_junit(report: Report) -> str:
    """The document. A deployment without a date is skipped, with the reason."""
    suite = TestSuite(f"models of {report.account}")
    for row in report.deployments:
        suite.add_testcase(to_case(row, report))
    document = JUnitXml()
    document.add_testsuite(suite)
    document.update_statistics()
    return str(document.tostring().decode()) + "\n"


def to_case(row: Row, report: Report) -> TestCase:
    case = TestCase(row.name, classname=f"{row.resource_group}.{row.account}")
    moved = [each.what for each in report.changes if each.key == row.key]
    text = "; ".join(
        [f"{row.model} {row.version} {row.sku}, until {row.retires or 'unknown'}: {row.on_that_day}", *moved]
    )
    if report.label(row) in report.failing:
        case.result = [Failure(text, row.stage)]
    elif report.label(row) in report.unknown:
        case.result = [Skipped("Azure names no date")]
    case.system_out = text
    return case
