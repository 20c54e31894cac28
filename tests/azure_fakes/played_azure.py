"""The whole played Azure behind its host names, on one state: what `pulumi up` made is what the jobs see."""

from tests.azure_fakes import ai_search, foundry_connections, login, online_endpoints, vaults
from tests.azure_fakes.azure import HOST, Azure
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cognitive_services import CognitiveServices
from tests.azure_fakes.cost_management import CostManagement
from tests.azure_fakes.flexible_server import FlexibleServers
from tests.azure_fakes.foundry_connections import FoundryConnections
from tests.azure_fakes.machine_learning import MachineLearning
from tests.azure_fakes.name_availability import NameAvailability
from tests.azure_fakes.online_endpoints import OnlineEndpoints
from tests.azure_fakes.postgres_capabilities import PostgresCapabilities
from tests.azure_fakes.resource_lists import ResourceLists
from tests.azure_fakes.resource_manager import ResourceManager
from tests.azure_fakes.resources import Resources
from tests.azure_fakes.soft_deleted import SoftDeleted
from tests.azure_fakes.subscriptions import Subscriptions
from tests.azure_fakes.vm_lists import VmLists


class PlayedAzure:
    """Every service that does not move data. Each attribute is one of them, for what a test wants to change there."""

    def __init__(self, cloud: Cloud, azure: Azure | None = None) -> None:
        self.azure = azure or Azure()
        self.subscriptions = Subscriptions(self.azure)
        self.postgres = PostgresCapabilities()
        self.lists = ResourceLists(self.azure)
        self.soft_deleted = SoftDeleted(self.azure)
        self.servers = FlexibleServers(self.azure)
        self.ai = CognitiveServices(self.azure)
        self.costs = CostManagement()
        self.learning, self.endpoints = MachineLearning(self.azure), OnlineEndpoints(self.azure)
        self.manager = ResourceManager(
            [
                *(self.subscriptions, self.postgres, self.lists, self.soft_deleted, self.servers, self.costs),
                *(self.ai, NameAvailability(self.azure), VmLists(self.azure), self.learning, self.endpoints),
                Resources(self.azure),
            ],
            azure=self.azure,
        )
        cloud.services |= {
            HOST: self.manager,
            login.HOST: login.Login(self.azure),
            vaults.HOSTS: vaults.Vaults(self.azure),
            ai_search.HOSTS: ai_search.SearchService(),
            online_endpoints.HOSTS: self.endpoints.score,
            foundry_connections.HOSTS: FoundryConnections(self.azure),
        }
