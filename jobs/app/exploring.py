"""The exploration behind the pages: computed in a thread when it is first asked, again for a newer index."""

from dataclasses import replace
from threading import Lock, Thread

from jobs.app.desk import Desk
from jobs.app.pictures import container_of
from jobs.errors import JobError
from jobs.explore.exploration import Exploration, explore_collection, lay_out_again
from jobs.explore.layout import BY_NEIGHBOURS
from jobs.search.faiss_search import LakeIndex


class Explorer:
    """Holds the exploration of the index that is in memory. `error` is why there is none, or only the map by PCA."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, Lock()
        self._etag = ""
        self.error: JobError | None = None
        self._found: Exploration | None = None

    def is_exploring(self) -> bool:
        """Whether an exploration is being computed; starts that of a newer index. Raises JobError without a lake."""
        lake = self._desk.lake()
        with self._lock:
            self._start(lake)
            return self._found is None and not self.error

    def current(self) -> Exploration | None:
        """The exploration; None while it is computed. Raises JobError if it cannot be."""
        lake = self._desk.lake()
        with self._lock:
            self._start(lake)
            if self.error and self._found is None:
                self._etag = ""  # the next request tries again
                raise self.error
            return self._found

    def _start(self, lake: LakeIndex) -> None:
        if lake.index.etag != self._etag:
            self._etag, self._found, self.error = lake.index.etag, None, None
            Thread(target=self._explore, args=(lake,), name="explore", daemon=True).start()

    def _explore(self, lake: LakeIndex) -> None:
        """The map by PCA first; that by neighbours, which takes longer, replaces it when it is ready."""
        try:
            assert self._desk.target  # noqa: S101 - for the type checker
            found = explore_collection(container_of(self._desk.target), lake)
            self._keep(lake, found)
            places = lay_out_again(found.collection)
            if places is not None:
                self._keep(lake, replace(found, map=BY_NEIGHBOURS, places=places))
        except Exception as error:  # the page must say it: nobody sees the thread's end
            with self._lock:
                if lake.index.etag == self._etag:
                    self.error = error if isinstance(error, JobError) else JobError(f"{type(error).__name__}: {error}")

    def _keep(self, lake: LakeIndex, found: Exploration) -> None:
        with self._lock:
            if lake.index.etag == self._etag:
                self._found = found
