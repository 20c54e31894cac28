"""Resource ids of Azure Resource Manager, taken apart. Azure compares ids without regard to case.

https://learn.microsoft.com/rest/api/resources/ (resource ids)
"""

GROUP = "Microsoft.Resources/resourceGroups"
# What Azure makes with its parent: clients put what is below it without making it first.
IMPLICIT = ("/blobservices/default",)


def name_of(identity: str) -> str:
    """The last segment of an id."""
    return identity.rpartition("/")[2]


def type_of(identity: str) -> str:
    """The type of a resource, such as Microsoft.Storage/storageAccounts/blobServices."""
    if "/providers/" not in identity:
        return GROUP
    provider, *segments = identity.rpartition("/providers/")[2].split("/")
    return "/".join([provider, *segments[::2]])


def is_type(identity: str, *kinds: str) -> bool:
    """Whether an id is that of a resource of one of these types."""
    return type_of(identity).lower() in map(str.lower, kinds)


def scope_of(identity: str) -> str:
    """What an extension resource, such as a role assignment, is attached to."""
    return identity.rpartition("/providers/")[0]


def group_of(identity: str) -> str:
    """The id of the resource group that an id is in."""
    return "/".join(identity.split("/")[:5])


def top_of(identity: str) -> str:
    """The id of the top-level resource that a resource is or is below: its account, server, factory or vault."""
    scope, _, tail = identity.rpartition("/providers/")
    return f"{scope}/providers/{'/'.join(tail.split('/')[:3])}" if scope else identity


def parent_of(identity: str) -> str:
    """The id of what must exist first: the parent, else the scope, the resource group or the subscription."""
    scope, _, tail = identity.rpartition("/providers/")
    if not scope:
        return "/".join(identity.split("/")[:3])
    segments = tail.split("/")
    parent = f"{scope}/providers/{'/'.join(segments[:-2])}" if len(segments) > 3 else scope
    return parent_of(parent) if parent.lower().endswith(IMPLICIT) else parent
