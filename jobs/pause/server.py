"""The stack's database server at Resource Manager: its state, start and stop.

https://learn.microsoft.com/rest/api/postgresql/servers
"""

import time
from typing import Any

from jobs import terminal
from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import ErrorKind, JobError
from jobs.target import Target
from jobs.wait import Sleep, wait_until

ROLE = "Contributor"
READY, STOPPED = "Ready", "Stopped"
POLL_SECONDS, MAX_SECONDS = 10.0, 600.0


class Server:
    """One flexible server. Every method raises JobError; `sleep` passes the seconds between two polls."""

    def __init__(self, arm: Arm, target: Target, sleep: Sleep = time.sleep) -> None:
        self.name = target.postgres_host.partition(".")[0]
        self._arm, self._sleep = arm, sleep
        self._path = (
            f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}"
            f"/providers/Microsoft.DBforPostgreSQL/flexibleServers/{self.name}"
        )

    def state(self) -> str:
        """Azure's word for what it does now: Ready, Stopped, Starting and others."""
        return str(self._get().get("state"))

    def wait_until_settled(self) -> dict[str, Any]:
        """Azure's properties of the server, as soon as its `state` is Ready or Stopped."""
        properties: dict[str, Any] = {}

        def is_settled() -> bool:
            nonlocal properties
            properties = self._get()
            settled = properties.get("state") in (READY, STOPPED)
            if not settled:
                terminal.log(f"The server {self.name} is {properties.get('state')}: waiting")
            return settled

        if wait_until(is_settled, every=POLL_SECONDS, at_most=MAX_SECONDS, sleep=self._sleep):
            return properties
        state = properties.get("state")
        raise JobError(
            f"The server {self.name} is still {state}: see it in the portal, then run the command again.",
            ErrorKind.unavailable,
        )

    def _get(self) -> dict[str, Any]:
        with translate_errors(f"the server {self.name}", ROLE):
            return dict(self._arm.get(self._path, api_versions.POSTGRESQL).get("properties") or {})

    def change_state(self, verb: str) -> dict[str, Any]:
        """Run `start` or `stop` and wait until it is done. Returns the properties afterwards."""
        terminal.log(f"Asking Azure to {verb} the server {self.name}, which takes some minutes")
        with translate_errors(f"to {verb} the server {self.name}", ROLE, "run the same command again in some minutes"):
            self._arm.run_operation("POST", f"{self._path}/{verb}", api_versions.POSTGRESQL)
        return self.wait_until_settled()
