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
    """Holds the exploration of the index that is in memory. `error` is why there is none."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, Lock()
        self._etag, self.error = "", ""
        self._found: Exploration | None = None

    def current(self) -> Exploration | None:
        """The exploration; None while it is computed. Raises JobError if it cannot be."""
        lake = self._desk.lake()
        with self._lock:
            if lake.index.etag != self._etag:
                self._etag, self._found, self.error = lake.index.etag, None, ""
                Thread(target=self._explore, args=(lake,), name="explore", daemon=True).start()
            if self.error:
                self._etag, error = "", self.error  # the next request tries again
                raise JobError(error)
            return self._found

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
            self.error = str(error) if isinstance(error, JobError) else f"{type(error).__name__}: {error}"

    def _keep(self, lake: LakeIndex, found: Exploration) -> None:
        with self._lock:
            if lake.index.etag == self._etag:
                self._found = found
