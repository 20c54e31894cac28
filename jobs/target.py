"""The target of a job: the outputs of one stack, read once.

`local` is this laptop: jobs/local writes the same outputs for its services. Any other name is a Pulumi stack.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from jobs import stack
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_JSON_BYTES, UnusableFileError, parse_json, read_regular_file
from jobs.target_values import find_problem

HIDDEN = "[secret]"  # what `pulumi stack output` prints for a secret without --show-secrets


@dataclass(frozen=True, kw_only=True)
class Target:
    """The stack outputs that the jobs use. The fields are the outputs of infra/, with the same names.

    The outputs also say how to log in: `postgres_auth` is `password` or `entra`, `storage_auth` is `identity` or `key`.
    `pipeline_runner` is `data_factory`, or `local` for the runner in jobs/pipeline/local_runner. `finetune_runner` is
    `azure_ml`, `local`, or `none` for a stack without machine learning.
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
    # Empty on the laptop, and for a stack that was deployed before they were outputs.
    openai_url: str = ""
    project_url: str = ""
    speech_url: str = ""
    postgres_reader_user: str = ""
    postgres_reader_password: str = field(repr=False, default="")
    postgres_writer_user: str = ""
    postgres_writer_password: str = field(repr=False, default="")
    factory_principal_id: str = ""
    ml_workspace: str = ""
    ml_location: str = ""
    ml_compute: str = ""
    ml_compute_size: str = ""
    ml_identity_id: str = ""
    ml_identity_client_id: str = ""
    finetune_runner: str = "none"

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any], command: str) -> Self:
        """Read a stack's outputs, and ignore those that no job uses.

        Raises JobError that names all missing outputs, or one that is of another kind, and `command`, which makes them.
        """
        needed = [f for f in fields(cls) if f.default is MISSING]
        missing = [f.name for f in needed if outputs.get(f.name) is None]
        if missing:
            raise JobError(f"The stack has no output {', '.join(missing)}: run `{command}`.", ErrorKind.not_found)
        if any(value == HIDDEN for value in outputs.values()):
            raise JobError(
                "The stack's secrets are hidden: write its outputs with `--show-secrets`.", ErrorKind.invalid
            )
        values = {f.name: outputs[f.name] for f in fields(cls) if outputs.get(f.name) is not None}
        for name, value in values.items():
            if problem := find_problem(name, value):
                raise JobError(f"The output {name} {problem}: run `{command}`.", ErrorKind.invalid)
        return cls(**values | {"postgres_port": int(float(values["postgres_port"]))})

    def postgres_url(self, password: str) -> str:
        """The libpq URL of the database, every part quoted."""
        user, secret = quote(self.postgres_user, safe=""), quote(password, safe="")
        host = f"[{self.postgres_host}]" if ":" in self.postgres_host else self.postgres_host
        server = f"{host}:{self.postgres_port}/{quote(self.postgres_database, safe='')}"
        return f"postgresql://{user}:{secret}@{server}?sslmode={quote(self.postgres_sslmode, safe='')}"


def load_target(name: str, outputs: Path | None = None) -> Target:
    """The target of a name: `local` for this laptop, whose services are started if necessary, or a Pulumi stack.

    `outputs` is a file with a stack's outputs, for a machine without Pulumi. It is used instead of the name.
    """
    if outputs is not None:
        command = f"pulumi up`, then `pulumi stack output --json --show-secrets > {outputs}"
        return Target.from_outputs(read_outputs(outputs), command)
    if name == "local":
        from jobs.local.services import local_outputs

        return Target.from_outputs(local_outputs(), "python -m jobs local up")
    return Target.from_outputs(stack.stack_outputs(name), f"pulumi up --stack {name}")


def read_outputs(file: Path) -> dict[str, Any]:
    """Read what `pulumi stack output --json --show-secrets` wrote. Raises JobError when that is not in the file."""
    advice = "write it with `pulumi stack output --json --show-secrets`"
    if not file.is_file():
        raise JobError(f"There is no file {file} with a stack's outputs: {advice}.", ErrorKind.not_found)
    try:
        # In PowerShell, `>` writes UTF-16, or UTF-8 with a byte order mark, depending on its version.
        outputs = parse_json(read_regular_file(file, MAX_JSON_BYTES))
    except UnusableFileError as error:
        raise JobError(f"The file {file} cannot be used ({error}): {advice}.", ErrorKind.invalid) from error
    if not isinstance(outputs, dict):
        raise JobError(f"The file {file} does not hold the outputs of a stack: {advice}.", ErrorKind.invalid)
    return outputs
