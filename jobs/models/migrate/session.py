"""What every step of a migration needs: the account, the state, the weights, and nobody else at work on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jobs.azure.arm import Arm
from jobs.errors import ErrorKind, JobError
from jobs.models import clock, settings_file
from jobs.models.account import ModelAccount, check_name, find_account
from jobs.models.choice import Choice
from jobs.models.deployments import Deployment, list_deployments
from jobs.models.migrate.state import Migration, read_own_state, write_state
from jobs.models.routing import FileStore, Routing, Store, read_routing, write_weights
from jobs.state import exclusive_lock, state_folder
from jobs.target import load_target


@dataclass
class Session:
    """One command at one migration. `deployments` are the account's, by name in lower case, as last read."""

    arm: Arm
    account: ModelAccount
    alias: str
    routing_option: Path | None
    state: Migration | None
    deployments: dict[str, Deployment] = field(default_factory=dict)

    def read(self) -> None:
        """Read the account's deployments again."""
        self.deployments = {each.name.lower(): each for each in list_deployments(self.arm, self.account)}

    def find(self, name: str) -> Deployment | None:
        return self.deployments.get(name.lower())

    @cached_property
    def store(self) -> Store:
        """Where the weights are: --routing, where `start` put them, the stack's lake, or the state folder."""
        place = self.routing_option or (Path(self.state.routing) if self.state and self.state.routing else None)
        if place is not None:
            return FileStore(place)
        if self.account.config is None:
            return FileStore(state_folder() / "models" / self.account.name / "routing" / f"{self.alias}.json")
        from jobs.models.lake_routing import LakeStore
        from jobs.storage.client import lake_container

        return LakeStore(
            lake_container(load_target(self.account.choice.stack, self.account.choice.outputs)), self.alias
        )

    def weights(self) -> Routing:
        return read_routing(self.store, self.alias)

    def own_weights(self) -> Routing:
        """The weights of this migration. Raises JobError where the file has those of other deployments."""
        at, routing = self.migration(), self.weights()
        if others := sorted(set(routing.weights) - {at.old, at.new}):
            raise JobError(
                f"{self.store.place} has a weight for {', '.join(others)}, and the migration is from {at.old} to "
                f"{at.new}: repair the file, or end the other migration first.",
                ErrorKind.conflict,
            )
        return routing

    def set_weights(self, before: Routing, weights: dict[str, int]) -> Routing:
        """Write the weights, with the time. Raises JobError where the clock is off, or others changed the file."""
        clock.check_clock(self.arm.azures_time)
        return write_weights(self.store, before, weights)

    def migration(self) -> Migration:
        """The migration that is at work. Raises JobError without one."""
        if self.state is None:
            raise JobError(
                f"This machine knows of no migration of {self.alias}: `{self.command('start', 'MODEL@VERSION')}` "
                "begins one, or finds what exists.",
                ErrorKind.not_found,
            )
        return self.state

    def keep(self, **changes: Any) -> Migration:
        """Write the state with these changes: before the step that they are about."""
        self.state = write_state(self.account.name, self.migration(), **changes)
        return self.state

    def command(self, verb: str, more: str = "") -> str:
        """The command that takes a step of this migration; `more` is its other argument."""
        return self.account.command(" ".join(filter(None, (f"migrate {verb} {self.alias}", more))))

    def forget_entry(self, name: str) -> str:
        """Take a deployment's entry out of the stack's settings. Returns what to do next; empty outside a stack."""
        config = self.account.config
        if config is None:
            return ""
        from jobs.configuration import read_configuration

        fresh = read_configuration(config.stack)
        if settings_file.has_entry(fresh.models, name):
            settings_file.write_models(fresh, settings_file.removal(name))
        left = [str(each.get("alias")) for each in read_configuration(config.stack).models]
        return f"{config.file} has {', '.join(left) or 'no model'} only: run `pulumi up --stack {config.stack}`"


@contextmanager
def open_session(arm: Arm, choice: Choice, alias: str, routing: Path | None) -> Iterator[Session]:
    """A session, alone on this machine: a second command waits, or says so."""
    check_name(alias, "deployment")
    account = find_account(arm, choice)
    lock = f"models-{account.name}-{alias.lower()}.lock"
    with exclusive_lock(lock, f"Another command is at work on the migration of {alias}"):
        session = Session(arm, account, alias, routing, read_own_state(account, alias))
        session.read()
        session.alias = written_name(session)
        yield session


def written_name(session: Session) -> str:
    """The alias as the migration began with it, else as Azure writes the deployment's name."""
    if session.state:
        return session.state.alias
    found = session.find(session.alias)
    return found.name if found else session.alias
