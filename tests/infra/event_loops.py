"""Event loops for a run of a Pulumi program inside a test."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager


@contextmanager
def event_loops() -> Iterator[None]:
    """Open an event loop for this thread and one for each of Pulumi's, which leaves them open. Close them all."""

    def open_loop() -> None:
        loop = loops.enter_context(closing(asyncio.new_event_loop()))
        asyncio.set_event_loop(loop)

    with ExitStack() as loops:
        open_loop()
        loops.callback(asyncio.set_event_loop, None)
        with ThreadPoolExecutor(initializer=open_loop) as workers:
            asyncio.get_event_loop().set_default_executor(workers)
            yield
