"""The result of one check, and the report of all."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from jobs.lines import KEEPS_LINES

Status: TypeAlias = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True)
class Check:
    """One line of the report. `fix` holds the commands that fix a problem, ready to copy, one a line."""

    name: str
    status: Status
    message: str
    fix: str = field(default="", metadata=KEEPS_LINES)

    def lines(self) -> list[str]:
        fixes = [f"{'':<23}{line}" for line in self.fix.splitlines()] if self.status != "ok" else []
        return [f"{self.status:<8} {self.name:<13} {self.message}", *fixes]


@dataclass(frozen=True)
class DoctorReport:
    """Every check; `ok` where none found a problem that would stop `pulumi up`, warnings allowed.

    `hints`: what the stack could have besides.
    """

    ok: bool
    stack: str
    checks: tuple[Check, ...]
    hints: tuple[str, ...] = ()

    def summary(self) -> str:
        lines = [line for each in self.checks for line in each.lines()]
        problems = sum(each.status == "problem" for each in self.checks)
        warnings = sum(each.status == "warning" for each in self.checks)
        end = "Ready for" if self.ok else f"{pluralize(problems, 'problem')} to fix before"
        suffix = f", {pluralize(warnings, 'warning')}" if warnings else ""
        lines += [f"{'hint':<8} {each}" for each in self.hints]
        return "\n".join([*lines, f"{end} `pulumi up --stack {self.stack}`{suffix}."])


def to_report(stack: str, checks: list[Check], hints: tuple[str, ...] = ()) -> DoctorReport:
    return DoctorReport(all(each.status != "problem" for each in checks), stack, tuple(checks), hints)


def pluralize(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def config_command(stack: str, key: str, value: str) -> str:
    """The command that changes a setting of the stack."""
    quoted = f'--path "{key}"' if "[" in key else key
    return f"pulumi config set {quoted} {value} --stack {stack}"
