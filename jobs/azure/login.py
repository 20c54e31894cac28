"""The identity of the jobs on Azure: the user of `az login`, or the identity of the machine."""

import logging
from functools import cache

from azure.identity import DefaultAzureCredential

PROGRAM_SECONDS = 30  # `az` on a small machine takes longer than the default of 10 s
# The jobs report errors in sentences; without a handler Python would write the SDKs' own warnings to stderr.
logging.getLogger("azure").addHandler(logging.NullHandler())


@cache
def credential() -> DefaultAzureCredential:
    """One credential for the whole process: it caches its tokens and renews them before they expire."""
    return DefaultAzureCredential(process_timeout=PROGRAM_SECONDS)
