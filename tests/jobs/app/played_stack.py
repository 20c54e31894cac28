"""The application on a stack whose Azure is played: database behind the gateway, storage behind Azure's host name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from jobs.app.desk import Setup
from jobs.commands.chat_options import ChatOptions
from jobs.commands.web import build_setup
from jobs.target import Target
from tests.azure_fakes.azure import ROOT, SUBSCRIPTION
from tests.azure_fakes.azurite_relay import HOSTS, AzuriteRelay
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.flexible_server import put_server
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.postgres_gateway import HOST, Gateway, gateway_target
from tests.azure_fakes.resources import Resource
from tests.jobs.served import Served, Server

STORAGE = "https://stferimagenes.blob.core.windows.net/"
MODELS = "ai-fer.openai.azure.com"
GROUP = "rg-vector-lake-dev"
READS = ("GET", "HEAD")


@dataclass
class PlayedStack:
    """`storage_error` refuses every request to the storage. `written` are the requests that were not reads."""

    cloud: Cloud
    local: Target
    gateway: Gateway
    folder: Path

    def __post_init__(self) -> None:
        self.played = PlayedAzure(self.cloud)
        path = f"{ROOT}/resourceGroups/{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers"
        self.server: Resource = put_server(self.played.azure, f"{path}/{HOST.partition('.')[0]}")
        self.storage_error: tuple[int, str] | None = None
        self.written: list[Request] = []
        self._relay = AzuriteRelay(self.local)
        self.cloud.services[HOSTS] = self.storage
        identity = {"pictures_url": STORAGE, "lake_url": STORAGE, "storage_auth": "identity", "storage_key": ""}
        names = {"subscription_id": SUBSCRIPTION, "resource_group": GROUP, "pipeline_runner": "data_factory"}
        self.target = gateway_target(replace(self.local, **names), self.gateway, **identity)
        self.outputs = self.folder / "outputs.json"
        self.outputs.write_text(json.dumps(asdict(self.target)), encoding="utf-8")

    def storage(self, request: Request) -> Response:
        """What a role that may only read allows."""
        if self.storage_error or request.method not in READS:
            self.written += [request] if request.method not in READS else []
            status, code = self.storage_error or (403, "AuthorizationPermissionMismatch")
            headers = {"x-ms-error-code": code, "Content-Type": "application/xml"}
            return Response(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", headers)
        return self._relay(request)

    @contextmanager
    def chatting(self, **options: Any) -> Iterator[Served]:
        """The application, whose chat asks the stack's model with these options."""
        stack = replace(self.target, openai_url=f"https://{MODELS}/openai/v1/")
        self.outputs.write_text(json.dumps(asdict(stack)), encoding="utf-8")
        server = Server(build_setup(ChatOptions(target="dev", outputs=self.outputs, **options)))
        try:
            yield server.start().log_in()
        finally:
            server.stop()

    @contextmanager
    def served(self, operate: bool = False) -> Iterator[Served]:
        """The application on this stack."""
        server = Server(Setup("dev", self.outputs, operate))
        try:
            yield server.start().log_in()
        finally:
            server.stop()
