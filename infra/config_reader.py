"""Read one setting at a time from the stack's configuration, and check it."""

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

import names
import pulumi
from pulumi.runtime import config as runtime_config
from regions import REGIONS

REGION = "a region's short name, such as swedencentral (regions.py lists them)"
# Not IPv4Network.is_private: it includes loopback and link-local, which Azure refuses for a network.
PRIVATE = [IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
# PostgreSQL refuses pg_..., public and none as names of roles. Azure has or refuses the others; two roles are ours.
RESERVED_LOGINS = (
    *("public", "none", "azure_superuser", "azure_pg_admin", "azuresu", "replication"),
    *("admin", "administrator", "root", "guest", "lake_reader", "lake_writer"),
)
NOT_RESERVED = f"and must not start with pg_, nor be one of {', '.join(RESERVED_LOGINS)}"


class SettingError(pulumi.RunError):
    """A setting has a wrong value. Pulumi shows a RunError without a traceback."""


class ConfigReader:
    """The stack's configuration. Every method raises SettingError with the key, its value and what is allowed."""

    def __init__(self) -> None:
        self._config = pulumi.Config()
        self._read_keys: set[str] = set()
        self._list_keys: set[str] = set()

    def text(self, key: str) -> str:
        """Return the value as it is written, unchecked."""
        self._read_keys.add(key)
        return self._config.require(key)

    def matching_text(self, key: str, pattern: str, allowed: str) -> str:
        """Return a text that matches the whole pattern."""
        value = self.text(key)
        if not re.fullmatch(pattern, value, re.ASCII):
            raise self.setting_error(key, f"it must be {allowed}")
        return value

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """Return one of a few texts."""
        return self.matching_text(key, "|".join(map(re.escape, allowed)), f"one of {', '.join(allowed)}")

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        return self.choice(key, ("true", "false")) == "true"

    def integer(self, key: str, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`, both included."""
        allowed = f"a whole number from {least} to {most}"
        value = self.matching_text(key, r"\d{1,9}", allowed)
        if not least <= int(value) <= most:
            raise self.setting_error(key, f"it must be {allowed}")
        return int(value)

    def region(self, key: str, default: str = "") -> str:
        """Return a region. With `default`, an empty value means that one."""
        value = self.text(key) or default
        if value not in REGIONS:
            raise self.setting_error(key, f"it must be {REGION}{', or empty' if default else ''}")
        return value

    def resource_name(self, key: str, rule: names.NameRule, suffix: str = "") -> str:
        """Return a resource's full name."""
        value = self.text(key)
        try:
            return names.build_name(rule, value, suffix)
        except ValueError as error:
            raise self.setting_error(key, f"with nameSuffix {suffix!r}, {error}" if suffix else str(error)) from error

    def login(self, key: str) -> str:
        """Return an administrator's login. It has no digits: see `database.random_password`."""
        return self._unreserved(key, r"[a-z][a-z_]{0,62}", "1 to 63 lower-case letters and underscores, a letter first")

    def entra_login(self, key: str) -> str:
        """Return an Entra identity's login, which is the name of its role in the database."""
        allowed = "1 to 63 letters, digits, inner spaces or . _ @ # + -"
        return self._unreserved(key, r"(?! )[\w .@#+-]{1,63}(?<! )", allowed)

    def _unreserved(self, key: str, pattern: str, allowed: str) -> str:
        value = self.matching_text(key, pattern, f"{allowed}, {NOT_RESERVED}")
        if is_reserved_login(value):
            raise self.setting_error(key, f"it must be {allowed}, {NOT_RESERVED}")
        return value

    def entries(self, key: str, allowed: str) -> list[Any]:
        """Return a list. Its elements are unchecked."""
        self.text(key)
        self._list_keys.add(key)
        try:
            entries = self._config.require_object(key)
        except (pulumi.ConfigTypeError, pulumi.ConfigMissingError, RecursionError) as error:
            raise self.setting_error(key, f"it must be {allowed} ({error})") from error
        if not isinstance(entries, list):
            raise self.setting_error(key, f"it must be {allowed}")
        return entries

    def addresses(self, key: str) -> tuple[str, ...]:
        """Return different IPv4 addresses. 0.0.0.0 is refused: in a firewall rule it means every Azure address."""
        allowed = "a list of IPv4 addresses"
        try:
            # str, because IPv4Address accepts an integer as an address too
            addresses = [str(IPv4Address(str(each))) for each in self.entries(key, allowed)]
        except AddressValueError as error:
            raise self.setting_error(key, f"it must be {allowed} ({error})") from error
        if "0.0.0.0" in addresses or len(set(addresses)) < len(addresses):  # noqa: S104 - refused, bound nowhere
            raise self.setting_error(key, "its addresses must be different; in place of 0.0.0.0 set allowAzureServices")
        return tuple(addresses)

    def network(self, key: str) -> str:
        """Return a private range of addresses with space for the endpoints."""
        value, allowed = self.text(key), "a private IPv4 range of /16 to /27, such as 10.20.0.0/24"
        try:
            network = IPv4Network(value)
        except ValueError as error:
            raise self.setting_error(key, f"it must be {allowed} ({error})") from error
        private = any(map(network.subnet_of, PRIVATE))
        if str(network) != value or not 16 <= network.prefixlen <= 27 or not private:
            raise self.setting_error(key, f"it must be {allowed}")
        return value

    def refuse_unknown_keys(self) -> None:
        """Raise SettingError for a key of this project that was never read: a misspelled key would do nothing."""
        config = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
        prefix = self._config.full_key("")
        own_keys = sorted(key for key in config if key.startswith(prefix))
        for full_key in own_keys:
            key = full_key.removeprefix(prefix)
            if key not in self._read_keys:
                raise SettingError(
                    f"{full_key} is {config[full_key]!r}: there is no such setting. "
                    f"Use one of {', '.join(sorted(self._read_keys))}. Remove it with `pulumi config rm {key}`."
                )

    def setting_error(self, key: str, reason: str) -> SettingError:
        """Return the error for a value that is not allowed."""
        value = self._config.require(key)
        # `pulumi config set` would write a list as a text, which Pulumi then refuses.
        file, command = f"in Pulumi.{pulumi.get_stack()}.yaml", f"with `pulumi config set {key} VALUE`"
        fix = file if key in self._list_keys else command
        return SettingError(f"{self._config.full_key(key)} is {value!r}: {reason}. Fix it {fix}.")


def is_reserved_login(name: str) -> bool:
    """Return whether PostgreSQL or Azure refuses the name of a role, in any letter case."""
    return name.lower().startswith("pg_") or name.lower() in RESERVED_LOGINS
