"""Who the jobs are on Azure: whoever `az login` made them, or what the machine they run on was given."""

import logging
from functools import cache

from azure.identity import DefaultAzureCredential

PROGRAM_SECONDS = 30  # `az` on a small machine takes longer than the 10 s that it is given otherwise
# What Azure's clients warn of is told in a sentence; where nobody handles logs, Python would write theirs to stderr.
logging.getLogger("azure").addHandler(logging.NullHandler())


@cache
def credential() -> DefaultAzureCredential:
    """One for the whole process: it keeps its tokens, and renews them before they expire."""
    return DefaultAzureCredential(process_timeout=PROGRAM_SECONDS)
