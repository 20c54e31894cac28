"""Azurite's way to put what was written to it on disk. Azure keeps what it has answered for, and needs none."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.terminal import log

SAVE = "/?save"  # jobs/local/azurite/save_now.js
SILENT_SECONDS = 90
NOT_SAVED = "The emulator of storage at {address} could not write its list of blobs ({reason}): check the free space"
OTHER = "The emulator of storage at {address} is one that another program started: a power cut may lose its last 5 s"


def save_written(url: str) -> None:
    """Return when what was written to the container at `url` is on disk. Raises JobError when it is not.

    Only an emulator is asked, on http: the addresses of Azure are https. One that we did not start gets a line.
    """
    if url.startswith("http://") and not save_emulator(url, SILENT_SECONDS):
        log(OTHER.format(address=urlsplit(url).netloc))


def save_emulator(url: str, at_most: float) -> bool:
    """Let the emulator at `url` write its lists of blobs. Returns False for one that can't; raises JobError."""
    address = urlsplit(url).netloc
    connection = HTTPConnection(address, timeout=at_most)
    try:
        with say_if_slow("Writing the list of blobs to the disk"):
            connection.request("POST", SAVE, headers={"Content-Length": "0"})
            response = connection.getresponse()
            reason = response.read(400).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        response, reason = None, str(error) or type(error).__name__
    finally:
        connection.close()
    if response is None or response.status == 500:
        sentence = NOT_SAVED.format(address=address, reason=reason)
        raise JobError(f"{sentence}, then run the same command again.", ErrorKind.unavailable)
    return response.status == 204
