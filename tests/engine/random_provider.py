"""A stand-in for the plugin of random: the one resource of it that infra/ has, RandomPassword.

https://www.pulumi.com/registry/packages/random/api-docs/randompassword
"""

import secrets
import string
from collections.abc import Mapping
from random import SystemRandom
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from tests.engine.bodies import UNKNOWN
from tests.engine.messages import diff_response, differences, plain, secret, struct
from tests.engine.provider import Provider

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
CLASSES = {"Lower": string.ascii_lowercase, "Upper": string.ascii_uppercase, "Numeric": string.digits}


class Random(Provider):
    """`passwords`: every password that was drawn, for a search whether one of them is somewhere in plain text."""

    version, accepts_secrets = "4.21.4", True

    def __init__(self) -> None:
        self.passwords: list[str] = []

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        changed = differences(plain(request.old_inputs), plain(request.news))
        return diff_response(changed, changed, False)

    def Create(self, request: Any, context: Any) -> Any:
        inputs = plain(request.properties)
        if request.preview:
            unknown = {"result": UNKNOWN, "bcryptHash": UNKNOWN}
            return provider_pb2.CreateResponse(properties=struct({**inputs, **unknown}))
        self.passwords.append(draw_password(inputs))
        drawn = {"result": secret(self.passwords[-1]), "bcryptHash": secret(secrets.token_hex(20))}
        return provider_pb2.CreateResponse(id="none", properties=struct({**inputs, **drawn}))

    def Read(self, request: Any, context: Any) -> Any:
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


def draw_password(inputs: Mapping[str, Any]) -> str:
    """A password of the given length, with the least number of each class."""
    classes = {**CLASSES, "Special": inputs.get("overrideSpecial", SPECIAL)}
    drawn = [secrets.choice(each) for name, each in classes.items() for _ in range(inputs.get(f"min{name}", 0))]
    drawn += [secrets.choice("".join(classes.values())) for _ in range(inputs["length"] - len(drawn))]
    return "".join(SystemRandom().sample(drawn, len(drawn)))
