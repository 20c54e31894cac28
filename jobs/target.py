"""Target: the frozen values of one stack, and where they come from.

`local` is a stack whose outputs come from a file that jobs/local writes; any other name is a Pulumi stack.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from jobs import stack
from jobs.errors import JobError

HIDDEN = "[secret]"  # what the CLI writes in a secret's place unless it is told otherwise


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the jobs need to know of a stack: the names and meanings of infra's outputs.

    How a job logs in is said here and never guessed: `postgres_auth` is `password` or `entra`, `storage_auth` is
    `identity` or `key`. `pipeline_runner` is `data_factory`, or `local` for the runner in jobs/factory.
    """

    subscription_id: str
    resource_group: str
    postgres_host: str
    postgres_port: int
    postgres_database: str
    postgres_user: str
    postgres_auth: str
    postgres_password: str = field(repr=False)
    postgres_sslmode: str
    pictures_url: str
    pictures_container: str
    lake_url: str
    lake_dfs_url: str
    lake_container: str
    storage_auth: str
    storage_key: str = field(repr=False)
    vault_name: str
    vault_location: str
    vault_url: str
    factory_name: str
    foundry_account: str
    foundry_location: str
    foundry_project: str
    foundry_endpoint: str
    search_url: str
    pipeline_runner: str

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any], made_by: str) -> Self:
        """Read a stack's outputs; those of no interest here are passed over.

        Raises Failure that names every missing output at once, and the command `made_by` that makes them.
        """
        missing = [f.name for f in fields(cls) if outputs.get(f.name) is None]
        if missing:
            raise JobError(f"The stack has no output {', '.join(missing)}: run `{made_by}`.")
        if HIDDEN in outputs.values():
            raise JobError("The stack's secrets are hidden: write its outputs with `--show-secrets`.")
        try:
            return cls(**{f.name: f.type(outputs[f.name]) for f in fields(cls) if callable(f.type)})
        except (TypeError, ValueError):
            raise JobError(f"The output postgres_port is no number: run `{made_by}`.") from None

    def postgres_url(self, password: str) -> str:
        """A libpq URL with every part quoted."""
        user, secret = quote(self.postgres_user, safe=""), quote(password, safe="")
        place = f"{self.postgres_host}:{self.postgres_port}/{quote(self.postgres_database, safe='')}"
        return f"postgresql://{user}:{secret}@{place}?sslmode={self.postgres_sslmode}"


def load_target(name: str, outputs: Path | None = None) -> Target:
    """The laptop's target (its services are started where they are not running), or that of a Pulumi stack.

    `outputs` is a file with a stack's outputs, for a machine without Pulumi: it counts then, whatever the name is.
    """
    if outputs is not None:
        made_by = f"pulumi up`, then `pulumi stack output --json --show-secrets > {outputs}"
        return Target.from_outputs(read_outputs(outputs), made_by)
    if name == "local":
        from jobs.local.services import local_outputs

        return Target.from_outputs(local_outputs(), "python -m jobs local up")
    return Target.from_outputs(stack.stack_outputs(name), f"pulumi up --stack {name}")


def read_outputs(file: Path) -> dict[str, Any]:
    """What `pulumi stack output --json --show-secrets` wrote. Raises Failure when the file holds something else."""
    made = "write it with `pulumi stack output --json --show-secrets`"
    if not file.is_file():
        raise JobError(f"There is no file {file} with a stack's outputs: {made}.")
    try:
        # PowerShell's > writes UTF-16 or a byte order mark, according to its version.
        data = file.read_bytes()
        found = json.loads(data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
    except ValueError as error:
        raise JobError(f"The file {file} is no JSON: {made}.") from error
    if not isinstance(found, dict):
        raise JobError(f"The file {file} holds no outputs of a stack: {made}.")
    return found
