"""Embed on Ray's workers: the cores of this machine, or those of a cluster.

This machine plans and writes, as without Ray. A pool of workers does what is in between: read, decode, embed. Each
worker has one core or one GPU. If a worker is lost, Ray replaces it and repeats its work. Only this machine writes, and
it writes each result once and in the order of the work: ids are those of a run without Ray.
"""

import importlib.util

from jobs.errors import ErrorKind, JobError

INSTALL = "`python -m pip install -r requirements-ray.txt`"


def require_ray() -> None:
    """Raises JobError if Ray is not installed."""
    for package in ("ray", "pandas"):
        if importlib.util.find_spec(package) is None:
            raise JobError(
                f"--engine ray needs {package}, which is not installed: {INSTALL}, or use --engine local.",
                ErrorKind.unavailable,
            )
