"""Whether a stack is interrupted, for the commands that only want to know: `doctor` and `teardown`."""

from jobs.errors import JobError
from jobs.recover.lock import Lock, find_locks
from jobs.recover.state import SECRETS, State, UnreadableStateError, read_state, write_state


def read_interruption(stack: str) -> tuple[State | None, list[Lock]]:
    """The state of a stack and its locks; None and no locks where Pulumi does not say: its next command says why.

    Raises UnreadableStateError.
    """
    try:
        state = read_state(stack)
    except UnreadableStateError:
        raise
    except JobError:
        return None, []
    if not state.deployment:
        return None, []
    try:
        return state, find_locks(stack)
    except JobError:
        return state, []


def forget_operations(stack: str) -> None:
    """Take the pending operations out of the state of a stack that has nothing left. Raises JobError."""
    state, _ = read_interruption(stack)
    if state is not None and state.operations:
        write_state(stack, state.replace(state.resources, state.deployment.get(SECRETS)))
