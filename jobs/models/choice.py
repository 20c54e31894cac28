"""Which account a command is about, as its options say it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Choice:
    """What the options say: a stack, or an account with its resource group and maybe its subscription.

    `outputs`: a file with the stack's outputs, for a machine without Pulumi.
    """

    stack: str
    account: str | None = None
    group: str | None = None
    subscription: str | None = None
    outputs: Path | None = None

    def options(self) -> str:
        """The same options, for a command that a sentence suggests."""
        if not self.account:
            return f"--target {self.stack}" + (f" --outputs {self.outputs}" if self.outputs else "")
        more = f" --subscription {self.subscription}" if self.subscription else ""
        return f"--account {self.account} --resource-group {self.group}{more}"
