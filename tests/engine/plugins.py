"""The two provider plugins of the program, served to Pulumi's engine on loopback.

The engine connects to them instead of starting its own where PULUMI_DEBUG_PROVIDERS says so.
"""

from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tests.engine.client import ArmClient
from tests.engine.provider import AzureNative, Provider
from tests.engine.random_provider import Random

AT_ONCE = 64  # operations: as many as the engine is asked to run in parallel, so that races show
NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Plugins:
    """Both plugins, from the creation until `close`. They log in to the Azure that `client` leads to."""

    def __init__(self, client: ArmClient) -> None:
        self.azure_native, self.random = AzureNative(client), Random()
        self._servers: list[grpc.Server] = []
        ports = {"azure-native": self._serve(self.azure_native), "random": self._serve(self.random)}
        self.debug_providers = ",".join(f"{name}:{port}" for name, port in ports.items())

    def _serve(self, provider: Provider) -> int:
        server = grpc.server(ThreadPoolExecutor(AT_ONCE), options=NO_LIMIT)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._servers.append(server)
        return int(port)

    def close(self) -> None:
        for server in self._servers:
            server.stop(0).wait()
