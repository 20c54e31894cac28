"""Who administers the database with an Entra login."""

from database import Admin
from deployer import Deployer
from factory import Factory
from settings import Settings


def admins(settings: Settings, deployer: Deployer, factory: Factory) -> list[Admin]:
    """The identity of the settings, else the deployer's; and the factory's where no password is there for it."""
    if settings.entra_admin_id:
        person = Admin("entra-admin", settings.entra_admin_id, settings.entra_admin_name, settings.entra_admin_type)
    else:
        person = Admin("entra-admin", deployer.object_id, settings.entra_admin_name, deployer.type)
    if not settings.entra_only:
        return [person]
    return [person, Admin("factory-admin", factory.principal_id, settings.factory, "ServicePrincipal")]
