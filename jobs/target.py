"""Target: the frozen values of one stack, and where they come from.

`local` is a stack whose outputs come from a file that jobs/local writes; any other name is a Pulumi stack.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self
from urllib.parse import quote

from jobs import PROJECT
from jobs.failure import Failure


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
            raise Failure(f"The stack has no output {', '.join(missing)}: run `{made_by}`.")
        return cls(**{f.name: f.type(outputs[f.name]) for f in fields(cls) if callable(f.type)})

    def postgres_url(self, password: str) -> str:
        """A libpq URL with every part quoted."""
        user, secret = quote(self.postgres_user, safe=""), quote(password, safe="")
        place = f"{self.postgres_host}:{self.postgres_port}/{quote(self.postgres_database, safe='')}"
        return f"postgresql://{user}:{secret}@{place}?sslmode={self.postgres_sslmode}"


def load_target(name: str) -> Target:
    """The laptop's target (its services are started where they are not running), or that of a Pulumi stack."""
    if name == "local":
        from jobs import local

        return Target.from_outputs(local.outputs(), "python -m jobs local up")
    return Target.from_outputs(stack_outputs(name), f"pulumi up --stack {name}")


def stack_outputs(stack: str) -> dict[str, Any]:
    """Every output of a Pulumi stack, secrets in clear.

    Raises Failure when the Pulumi CLI is missing, or does not know the stack.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise Failure(
            f"The target `{stack}` would be a Pulumi stack, and the Pulumi CLI is not installed: "
            "install it, or use `--target local`."
        )
    command = [program, "stack", "output", "--json", "--show-secrets", "--stack", stack]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", check=False)
    if answer.returncode != 0:
        said = answer.stderr.strip().removeprefix("error: ").splitlines() or ["no reason given"]
        raise Failure(f"Pulumi cannot tell the outputs of stack `{stack}` ({said[0]}): see `pulumi stack ls`.")
    outputs: dict[str, Any] = json.loads(answer.stdout)
    return outputs
