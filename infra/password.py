"""The password of the database's administrator."""

import pulumi
from pulumi_random import RandomPassword

LENGTH = 40


def random_password(parent: pulumi.Resource) -> RandomPassword:
    """A password whose `result` is a secret output by the provider's own word.

    Azure refuses one that holds three characters in a row of the login. With two letters in all, and a login without
    digits, that cannot happen. The special characters need no quoting in URLs and connection strings.
    """
    return RandomPassword(
        "password",
        length=LENGTH,
        min_lower=1,
        min_upper=1,
        min_numeric=LENGTH // 2,
        min_special=LENGTH // 2 - 2,
        override_special="!*-.~",
        opts=pulumi.ResourceOptions(parent=parent),
    )
