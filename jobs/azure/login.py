"""Who the jobs are on Azure: whoever `az login` made them, or what the machine they run on was given."""

from functools import cache

from azure.identity import DefaultAzureCredential

PROGRAM_SECONDS = 30  # `az` on a small machine takes longer than the 10 s that it is given otherwise


@cache
def credential() -> DefaultAzureCredential:
    """One for the whole process: it keeps its tokens, and renews them before they expire."""
    return DefaultAzureCredential(process_timeout=PROGRAM_SECONDS)
