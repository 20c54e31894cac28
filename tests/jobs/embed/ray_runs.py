"""Run embed on Ray; read the table afterwards; list Ray's workers. Importing this skips a test without Ray."""

from pathlib import Path

import psutil
import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.result import EmbedResult
from jobs.embed.run import embed_pictures
from jobs.postgres.connection import open_connection
from jobs.target import Target

ray = pytest.importorskip("ray", reason="Ray is not installed: python -m pip install -r requirements-ray.txt")
pytest.importorskip("pandas", reason="Ray Data needs pandas: python -m pip install -r requirements-ray.txt")

# From Ray about Ray
WARNINGS = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

Table = dict[str, tuple[int, str, bytes]]


def table(url: str) -> Table:
    """filepath: (id, emotion, vector in binary format)"""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT filepath, id, emotion, vector_send(vector) FROM imagenes_fer")
        return {filepath: (id, emotion, bytes(vector)) for filepath, id, emotion, vector in cursor}


def run(folder: Path | Target, url: str, weights: str, ray: str | None = "local") -> tuple[EmbedResult, Table]:
    result = embed_pictures(folder, url, EmbedOptions(weights=weights, ray=ray, replace=True))
    assert result.engine == ("ray" if ray else "winograd")
    return result, table(url)


def busy(pid: int | None = None) -> list[psutil.Process]:
    """Return Ray's workers that embed for a process."""
    workers = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "Worker" in " ".join(process.cmdline()) and "MapBatches" in " ".join(process.cmdline()):
                workers.append(process)
        except psutil.Error:
            continue
    return workers
