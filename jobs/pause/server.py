"""The stack's database server at Resource Manager: how it stands, start and stop.

https://learn.microsoft.com/rest/api/postgresql/servers
"""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

from jobs import terminal
from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import JobError
from jobs.target import Target

ROLE = "Contributor"
READY, STOPPED = "Ready", "Stopped"
LOOKS, LOOK_SECONDS = 60, 10.0

Wait: TypeAlias = Callable[[float], None]


class Server:
    """`wait` is called with the seconds between two looks; every method raises Failure."""

    def __init__(self, arm: Arm, target: Target, wait: Wait = time.sleep) -> None:
        self.name = target.postgres_host.partition(".")[0]
        self._arm, self._wait = arm, wait
        self._path = (
            f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}"
            f"/providers/Microsoft.DBforPostgreSQL/flexibleServers/{self.name}"
        )

    def settled(self) -> dict[str, Any]:
        """Azure's properties of the server, as soon as its `state` is Ready or Stopped and not on the way there."""
        for _ in range(LOOKS):
            with translate_errors(f"the server {self.name}", ROLE):
                found = dict(self._arm.get(self._path, api_versions.POSTGRESQL).get("properties") or {})
            if found.get("state") in (READY, STOPPED):
                return found
            terminal.log(f"The server {self.name} is {found.get('state')}: waiting")
            self._wait(LOOK_SECONDS)
        raise JobError(
            f"The server {self.name} is still {found.get('state')}: see it in the portal, then run the command again."
        )

    def turn(self, verb: str) -> dict[str, Any]:
        """`start` or `stop`, waited for; the properties afterwards."""
        terminal.log(f"Asking Azure to {verb} the server {self.name}, which takes some minutes")
        with translate_errors(f"to {verb} the server {self.name}", ROLE, "run the same command again in some minutes"):
            self._arm.finish("POST", f"{self._path}/{verb}", api_versions.POSTGRESQL)
        return self.settled()
