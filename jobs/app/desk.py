"""What the pages work with: the target, its searcher, the pictures that were given; and how far all of it is."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock, Thread

from jobs.app.given import GivenPictures
from jobs.app.talks import Conversation
from jobs.app.turns import Turns
from jobs.errors import ErrorKind, JobError
from jobs.search.faiss_search import LakeIndex, LakePlace
from jobs.search.networks import Networks
from jobs.search.searcher import Searcher
from jobs.state import state_folder
from jobs.target import Target, load_target

DEMO = "demo"  # the demo's state folder, below the laptop's
NOT_READY = "The application is not ready yet: load the page again in some seconds."


class State(StrEnum):
    starting = "starting"
    empty = "empty"  # the laptop has no pictures yet
    ready = "ready"
    failed = "failed"


def no_conversation() -> Conversation:
    raise JobError("There is no chat here: `python -m jobs app` has it.", ErrorKind.not_found)


@dataclass(frozen=True)
class Setup:
    """How the command was called. `operate`: buttons that change a stack are there.

    `open_conversation` is how the command `chat` opens one, with the same options.
    """

    target: str = "local"
    outputs: Path | None = None
    operate: bool = False
    open_conversation: Callable[[], Conversation] = no_conversation

    @property
    def is_local(self) -> bool:
        return self.target == "local" and self.outputs is None

    def flags(self) -> list[str]:
        """The options that name the same target for another command."""
        named = [] if self.outputs and self.target == "local" else ["--target", self.target]
        return named + (["--outputs", str(self.outputs)] if self.outputs else [])


class Desk:
    """`line` says what the warm-up does, `error` why it ended. `say` gets one line when it is ready."""

    def __init__(self, setup: Setup, say: Callable[[str], None] = lambda line: None) -> None:
        self.setup, self.say = setup, say
        self.own_folder = state_folder()
        self.state, self.line, self.error = State.starting, "", ""
        self.kind: ErrorKind | None = None
        self.target: Target | None = None
        self.given, self.turns = GivenPictures(), Turns(Networks())
        self._searcher: Searcher | None = None
        self._warming = Lock()

    @property
    def searcher(self) -> Searcher:
        """Raises JobError before the desk is ready."""
        if self._searcher is None:
            raise JobError(NOT_READY, ErrorKind.unavailable)
        return self._searcher

    def lake(self) -> LakeIndex:
        """The lake's index as it is now. Raises JobError."""
        place = self.searcher.place("lake")
        assert isinstance(place, LakePlace)  # noqa: S101 - for the type checker
        return place.current()

    @property
    def shows_demo(self) -> bool:
        return self.setup.is_local and state_folder() != self.own_folder

    def has_demo(self) -> bool:
        """Whether a demo has left its pictures on this laptop."""
        return self.setup.is_local and (self.own_folder / DEMO / "outputs.json").exists()

    def begin(self) -> None:
        """Say from now on that it is starting."""
        self.state, self.error, self.kind = State.starting, "", None

    def warm_up_behind(self, demo: bool = False) -> None:
        """Warm up in a thread. `demo` shows the demo's pictures."""
        self.begin()
        Thread(target=self.warm_up, args=(demo,), name="warm-up", daemon=True).start()

    def warm_up(self, demo: bool = False) -> None:
        """Open everything, and say how far it is. An error ends in `error`, never in the thread."""
        with self._warming:
            self.begin()
            try:
                self._choose_folder(demo)
                if self.setup.is_local and not (state_folder() / "outputs.json").exists():
                    self.state = State.empty
                else:
                    self._open()
                    self.state = State.ready
            except JobError as error:
                self.error, self.kind = str(error), error.kind
                self.state = State.failed
            except Exception as error:
                self.error, self.state = f"{type(error).__name__}: {error}", State.failed

    def _choose_folder(self, demo: bool) -> None:
        """The laptop's own pictures, or the demo's while there are no others."""
        if not self.setup.is_local:
            return
        own = (self.own_folder / "outputs.json").exists()
        folder = self.own_folder / DEMO if self.has_demo() and (demo or not own) else self.own_folder
        os.environ["JOBS_LOCAL"] = str(folder)

    def _open(self) -> None:
        started = time.perf_counter()
        self.line = "warm.services" if self.setup.is_local else "warm.target"
        self.target = load_target(self.setup.target, self.setup.outputs)
        self.line = "warm.vectors"
        searcher = Searcher(self.target, self.turns.compute, only_read=True)
        made_with = searcher.place("lake").made_with()
        before, self._searcher = self._searcher, searcher
        if before:
            before.close()
        self.line = "warm.network"
        self.turns.submit(None, made_with).result()
        rows, seconds = len(self.lake().ids), time.perf_counter() - started
        services = "laptop's services: running; " if self.setup.is_local else ""
        self.say(f"{services}weights {made_with.weights}; {rows:,} vectors of the lake: ready after {seconds:.1f} s")

    def close(self) -> None:
        if self._searcher:
            self._searcher.close()
