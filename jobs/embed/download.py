"""Download torchvision's ImageNet weights to where torch.hub keeps them: a file that torchvision downloaded is used.

torchvision is not imported for its address of the file. `tests/jobs/embed/test_download.py` holds the two equal.
"""

import hashlib
import os
from pathlib import Path

import requests

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.hashes import hash_file
from jobs.state import atomic_file

URL = "https://download.pytorch.org/models/resnet18-f37072fd.pth"
HASH = "f37072fd"  # the first digits of the file's SHA-256, as in its name
LABEL = "Downloading the ImageNet weights (45 MB, once)"
SILENT_SECONDS = 30
BLOCK = 1 << 16  # bytes
MB = 1_000_000


class DownloadError(JobError):
    """The ImageNet weights are not on this machine and cannot be downloaded."""


def imagenet_file() -> Path:
    """Return the file of the ImageNet weights, downloaded if it is missing.

    Raises DownloadError, or JobError if the file exists and does not hold these weights.
    """
    file = checkpoints_folder() / URL.rpartition("/")[2]
    if not file.exists():
        try:
            download_file(file)
        except (requests.RequestException, ValueError) as error:
            raise download_error(error) from error
    elif not hash_file(file).startswith(HASH):
        raise JobError(
            f"{file} is not the file of torchvision's ImageNet weights: its SHA-256 does not begin with {HASH}. Delete "
            "it, then run the same command: it is downloaded once more.",
            ErrorKind.invalid,
        )
    return file


def checkpoints_folder() -> Path:
    """Return torch.hub's folder of downloaded weights, without importing torch."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("TORCH_HOME") or Path(cache) / "torch").expanduser() / "hub" / "checkpoints"


def download_file(file: Path) -> None:
    """Download the weights. The file appears complete and with the right hash, or not at all.

    Raises requests.RequestException, and ValueError if the server sends another file.
    """
    with requests.get(URL, stream=True, timeout=SILENT_SECONDS) as response, atomic_file(file) as new:
        response.raise_for_status()
        size, digest = int(response.headers.get("Content-Length", 0)), hashlib.sha256()
        with terminal.progress(LABEL, size or None, "bytes") as advance, new.open("wb") as stream:
            for block in response.iter_content(BLOCK):
                stream.write(block)
                digest.update(block)
                advance(len(block))
        if not digest.hexdigest().startswith(HASH):
            raise ValueError(
                f"the server sent another file: its SHA-256 begins with {digest.hexdigest()[:8]}, not with {HASH}"
            )


def download_error(error: Exception) -> DownloadError:
    """Return the sentence for a download that failed: what happened, and the ways to go on."""
    return DownloadError(
        f"The ImageNet weights cannot be downloaded ({describe_failure(error)}): try again with a network, or use "
        "--weights FILE (a ResNet18 state dict) or --weights random (seeded: the vectors do not show which faces are "
        "alike).",
        ErrorKind.unavailable,
    )


def describe_failure(error: Exception) -> str:
    """Return what happened to a download, in a few words. requests' own words name objects of Python."""
    host = URL.split("/")[2]
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{host} answers {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"{host} sends nothing for {SILENT_SECONDS:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return f"the certificate of {host} is not valid here: does a proxy inspect the connection?"
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "IncompleteRead" in str(error):
        return f"the connection to {host} ended before the whole file was there"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {host}"
    return str(error)
