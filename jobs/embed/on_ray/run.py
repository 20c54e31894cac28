"""Embed on Ray's workers: the cores of this machine, or those of a cluster.

This machine plans and writes, as it does without Ray; what is in between (read, decode, forward) is done by a pool of
workers, each with one core or one GPU. A worker that is lost with its machine is replaced, and what it had in hand is
done again: nothing is written but here, each result once and in the order of the work, so that ids are those of a run
without Ray.
"""

import importlib.util

from jobs.errors import JobError

INSTALL = "`python -m pip install -r requirements-ray.txt`"


def require_ray() -> None:
    """Raises Failure where Ray is not installed."""
    for package in ("ray", "pandas"):
        if importlib.util.find_spec(package) is None:
            raise JobError(f"--engine ray needs {package}, which is not installed: {INSTALL}, or say --engine local.")
