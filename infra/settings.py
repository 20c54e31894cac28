"""The stack's settings, read once. Pulumi.yaml says what each is for and holds its default."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

import names
import pulumi

REGION = "a region's short name, such as swedencentral"
RESERVED_LOGINS = "azure_superuser|azure_pg_admin|admin|administrator|root|guest|public"


class SettingError(pulumi.RunError):
    """A setting has a wrong value. As a RunError it is shown without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between stacks; names are whole, their suffix included."""

    location: str
    database_location: str
    resource_group: str
    pictures_account: str
    lake_account: str
    postgres_server: str
    vault: str
    factory: str
    postgres_version: str
    postgres_sku: str
    postgres_user: str
    allow_azure_services: bool
    allowed_ips: tuple[str, ...]
    tags: Mapping[str, str]


def load() -> Settings:
    """Read the stack's configuration. Raises SettingError, which names the first wrong key and what it allows."""
    config = pulumi.Config()
    location = matching(config, "location", r"[a-z0-9]+", REGION)
    suffix = matching(config, "nameSuffix", r"[a-z0-9]{0,10}", "at most 10 lower-case letters and digits")
    return Settings(
        location=location,
        database_location=matching(config, "databaseLocation", r"[a-z0-9]*", f"{REGION}, or nothing") or location,
        resource_group=named(config, "resourceGroup", names.GROUP),
        pictures_account=named(config, "picturesAccount", names.STORAGE_ACCOUNT, suffix),
        lake_account=named(config, "lakeAccount", names.STORAGE_ACCOUNT, suffix),
        postgres_server=named(config, "postgresServer", names.SERVER, suffix),
        vault=named(config, "vault", names.VAULT, suffix),
        factory=named(config, "factory", names.FACTORY, suffix),
        postgres_version=one_of(config, "postgresVersion", ("16", "17", "18")),
        postgres_sku=matching(config, "postgresSku", r"Standard_[BDE]\d+\w*", "a B, D or E size: Standard_B1ms"),
        postgres_user=login(config, "postgresUser"),
        allow_azure_services=one_of(config, "allowAzureServices", ("true", "false")) == "true",
        allowed_ips=addresses(config, "allowedIps"),
        tags={"project": pulumi.get_project(), "stack": pulumi.get_stack()},
    )


def matching(config: pulumi.Config, key: str, pattern: str, allowed: str) -> str:
    """A text that a pattern matches whole."""
    value = config.require(key)
    if not re.fullmatch(pattern, value, re.ASCII):
        raise wrong(config, key, value, f"allowed is {allowed}")
    return value


def one_of(config: pulumi.Config, key: str, allowed: Collection[str]) -> str:
    """One of a few texts."""
    return matching(config, key, "|".join(map(re.escape, allowed)), f"one of {', '.join(allowed)}")


def named(config: pulumi.Config, key: str, rule: names.Rule, suffix: str = "") -> str:
    """A resource's whole name."""
    value = config.require(key)
    try:
        return names.full_name(rule, value, suffix)
    except ValueError as error:
        raise wrong(config, key, value, f"with nameSuffix {suffix!r}, {error}" if suffix else str(error)) from error


def login(config: pulumi.Config, key: str) -> str:
    """An administrator's login. No digits: see `database.random_password`."""
    allowed = f"lower-case letters and underscores, not starting with pg_, and none of {RESERVED_LOGINS}"
    return matching(config, key, rf"(?!pg_|(?:{RESERVED_LOGINS})$)[a-z][a-z_]{{0,62}}", allowed)


def addresses(config: pulumi.Config, key: str) -> tuple[str, ...]:
    """Different IPv4 addresses. 0.0.0.0 is none: in a firewall rule Azure reads it as all of Azure."""
    value = config.require(key)
    try:
        # str, because IPv4Address takes a number for an address too
        found = [str(IPv4Address(str(each))) for each in config.require_object(key)]
    except (AddressValueError, TypeError, pulumi.ConfigTypeError) as error:
        raise wrong(config, key, value, f"allowed is a list of IPv4 addresses ({error})") from error
    if "0.0.0.0" in found or len(set(found)) < len(found):  # noqa: S104 - refused here, bound nowhere
        raise wrong(config, key, value, "allowed are different addresses; for 0.0.0.0 there is allowAzureServices")
    return tuple(found)


def wrong(config: pulumi.Config, key: str, value: str, why: str) -> SettingError:
    """The error for a value that is not allowed."""
    return SettingError(f"{config.full_key(key)} is {value!r}: {why}. Mend it with `pulumi config set {key} VALUE`.")
