"""One setting at a time: read from the stack's configuration and held against what is allowed."""

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

import names
import pulumi
from pulumi.runtime import config as runtime_config
from regions import REGIONS

REGION = "a region's short name, such as swedencentral (regions.py lists them)"
# Not IPv4Network.is_private: loopback and link-local count there too, and Azure takes neither for a network.
PRIVATE = [IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
RESERVED_LOGINS = "azure_superuser|azure_pg_admin|admin|administrator|root|guest|public"


class SettingError(pulumi.RunError):
    """A setting has a wrong value. As a RunError it is shown without a traceback."""


class Reading:
    """The stack's configuration. Every method raises SettingError: the key, its value, what is allowed."""

    def __init__(self) -> None:
        self._config = pulumi.Config()
        self._asked: set[str] = set()
        self._lists: set[str] = set()

    def text(self, key: str) -> str:
        """Whatever stands there. Who reads it checks it."""
        self._asked.add(key)
        return self._config.require(key)

    def matching(self, key: str, pattern: str, allowed: str) -> str:
        """A text that a pattern matches whole."""
        value = self.text(key)
        if not re.fullmatch(pattern, value, re.ASCII):
            raise self.wrong(key, f"allowed is {allowed}")
        return value

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """One of a few texts."""
        return self.matching(key, "|".join(map(re.escape, allowed)), f"one of {', '.join(allowed)}")

    def switch(self, key: str) -> bool:
        return self.one_of(key, ("true", "false")) == "true"

    def whole(self, key: str, least: int, most: int) -> int:
        """A whole number between two others, both allowed."""
        value = self.matching(key, r"\d{1,9}", f"a whole number from {least} to {most}")
        if not least <= int(value) <= most:
            raise self.wrong(key, f"allowed is a whole number from {least} to {most}")
        return int(value)

    def region(self, key: str, instead: str = "") -> str:
        """A region; where `instead` is given, nothing stands for that one."""
        value = self.text(key) or instead
        if value not in REGIONS:
            raise self.wrong(key, f"allowed is {REGION}{', or nothing' if instead else ''}")
        return value

    def named(self, key: str, rule: names.Rule, suffix: str = "") -> str:
        """A resource's whole name."""
        value = self.text(key)
        try:
            return names.full_name(rule, value, suffix)
        except ValueError as error:
            raise self.wrong(key, f"with nameSuffix {suffix!r}, {error}" if suffix else str(error)) from error

    def login(self, key: str) -> str:
        """An administrator's login. No digits: see `password.random_password`."""
        allowed = f"lower-case letters and underscores, not starting with pg_, and none of {RESERVED_LOGINS}"
        return self.matching(key, rf"(?!pg_|(?:{RESERVED_LOGINS})$)[a-z][a-z_]{{0,62}}", allowed)

    def entries(self, key: str, allowed: str) -> list[Any]:
        """A list of whatever."""
        self.text(key)
        self._lists.add(key)
        try:
            found = self._config.require_object(key)
        except (pulumi.ConfigTypeError, pulumi.ConfigMissingError, RecursionError) as error:
            raise self.wrong(key, f"allowed is {allowed} ({error})") from error
        if not isinstance(found, list):
            raise self.wrong(key, f"allowed is {allowed}")
        return found

    def addresses(self, key: str) -> tuple[str, ...]:
        """Different IPv4 addresses. 0.0.0.0 is none: in a firewall rule Azure reads it as all of Azure."""
        allowed = "a list of IPv4 addresses"
        try:
            # str, because IPv4Address takes a number for an address too
            found = [str(IPv4Address(str(each))) for each in self.entries(key, allowed)]
        except AddressValueError as error:
            raise self.wrong(key, f"allowed is {allowed} ({error})") from error
        if "0.0.0.0" in found or len(set(found)) < len(found):  # noqa: S104 - refused here, bound nowhere
            raise self.wrong(key, "allowed are different addresses; for 0.0.0.0 there is allowAzureServices")
        return tuple(found)

    def network(self, key: str) -> str:
        """A private range of addresses with room for the endpoints."""
        value, allowed = self.text(key), "a private IPv4 range of /16 to /27, such as 10.20.0.0/24"
        try:
            found = IPv4Network(value)
        except ValueError as error:
            raise self.wrong(key, f"allowed is {allowed} ({error})") from error
        if str(found) != value or not 16 <= found.prefixlen <= 27 or not any(map(found.subnet_of, PRIVATE)):
            raise self.wrong(key, f"allowed is {allowed}")
        return value

    def refuse_others(self) -> None:
        """Raise SettingError for a key of this project that nobody asked for: a typing error would do nothing."""
        given = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
        prefix = self._config.full_key("")
        others = sorted(key for key in given if key.startswith(prefix) and key.removeprefix(prefix) not in self._asked)
        if others:
            key = others[0].removeprefix(prefix)
            allowed = ", ".join(sorted(self._asked))
            raise SettingError(
                f"{others[0]} is {given[others[0]]!r}: there is no such setting, allowed are {allowed}. "
                f"Take it out with `pulumi config rm {key}`."
            )

    def wrong(self, key: str, why: str) -> SettingError:
        """The error for a value that is not allowed."""
        value = self._config.require(key)
        # `pulumi config set` would write a list as a text, which Pulumi then refuses.
        mend = f"in Pulumi.{pulumi.get_stack()}.yaml" if key in self._lists else f"with `pulumi config set {key} VALUE`"
        return SettingError(f"{self._config.full_key(key)} is {value!r}: {why}. Mend it {mend}.")
