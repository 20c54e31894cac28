"""Which deployment a request goes to, by weights that `python -m jobs models migrate shift` changes.

Copy this file into your application: it needs Python's standard library only. `read` is a function that returns the
text of routing/<alias>.json, wherever that is.

    router = Router(lambda: blob.download_blob().readall())
    client.chat.completions.create(model=router.pick(user_id), messages=...)
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping

REFRESH_SECONDS = 30.0
WHOLE = 100


class Router:
    """Picks a deployment for a key. Safe for threads.

    The same key stays with its deployment. When the share of the last one grows, keys move to it, and none moves back.
    The place of a key is its SHA-256 modulo 100, against the running sum of the weights in the file's order: every
    copy of this file, in any application, picks the same.
    """

    def __init__(self, read: Callable[[], str | bytes], clock: Callable[[], float] = time.monotonic) -> None:
        """Read the weights. Raises what `read` raises, and ValueError: without weights there is nothing to pick."""
        self._read, self._clock, self._lock = read, clock, threading.Lock()
        self._weights = parse_weights(read())
        self._until = clock() + REFRESH_SECONDS

    def pick(self, key: str) -> str:
        """The name of the deployment for a key, such as a user or a conversation."""
        self._refresh()
        at = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big") % WHOLE
        for name, weight in self._weights.items():
            if at < weight:
                return name
            at -= weight
        raise AssertionError("the weights are WHOLE together")

    def _refresh(self) -> None:
        """Read again what is older than REFRESH_SECONDS. The last good weights stay when that is not possible."""
        if self._clock() < self._until or not self._lock.acquire(blocking=False):
            return
        try:
            self._until = self._clock() + REFRESH_SECONDS
            self._weights = parse_weights(self._read())
        except Exception:  # whatever `read` raises: a service must not stop because of it
            logging.getLogger(__name__).warning("the weights stay as they were", exc_info=True)
        finally:
            self._lock.release()


def parse_weights(text: str | bytes) -> Mapping[str, int]:
    """The weights of a routing file, in its order: the old deployment first. Raises ValueError for any other text."""
    document = json.loads(text)
    weights = document.get("weights") if isinstance(document, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(each, str) and each for each in weights):
        raise ValueError("there are no weights in it")
    if not all(type(each) is int and 0 <= each <= WHOLE for each in weights.values()):
        raise ValueError("a weight is not a whole number from 0 to 100")
    if sum(weights.values()) != WHOLE:
        raise ValueError(f"the weights are {sum(weights.values())} together, not {WHOLE}")
    return weights
