"""The demo's services: PostgreSQL servers and Azurite of its own, so that it does not touch what the user embedded."""

from collections.abc import Iterator
from contextlib import contextmanager

from jobs.local.services import SERVICES, finetune_server, start_services, stop_services
from jobs.state import exclusive_lock, nested_state_folder, state_folder

FOLDER = "demo"  # below the state folder
FINETUNE = "finetune-demo"


@contextmanager
def demo_services() -> Iterator[None]:
    """Run the demo's services for the block, in the demo's own state folder. A second demo waits for the first."""
    with exclusive_lock("demo.lock", "Another demo has been at work in this folder"), nested_state_folder(FOLDER):
        try:
            start_services(*SERVICES)
            yield
        finally:
            stop_services()


def stop_demo_services() -> None:
    """Stop what a demo, or `finetune demo`, that was killed has left running."""
    if (state_folder() / FINETUNE).is_dir():
        with nested_state_folder(FINETUNE):
            finetune_server().stop()
    if (state_folder() / FOLDER).is_dir():
        with nested_state_folder(FOLDER):
            stop_services()
