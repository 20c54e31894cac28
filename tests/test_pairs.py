"""Every two commands at once, the same one twice too: both end well, and after each once more all is as undisturbed.

One round tries every second pair, which ones by CHAOS_SEED; CHAOS_ROUNDS=2 all of them.
"""

from collections.abc import Callable
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from jobs.target import Target
from tests.test_faulty_network import ROUNDS, SEED, read_state
from tests.test_signals import COMMANDS, fill_places, finish, start, undo

PAIRS = tuple(combinations_with_replacement(COMMANDS, 2))
IN_TURN = "verify"  # it compares what the other one is changing: then it may say so, and exit with 1


@pytest.mark.chaos
@pytest.mark.slow
def test_two_commands_at_once_lose_nothing(
    laptop: Target, faces: Path, weights: str, record_property: Callable[[str, object], None]
) -> None:
    places, undisturbed = fill_places(laptop, faces, weights)
    chosen = [pair for number in range(ROUNDS) for pair in PAIRS[(SEED + number) % 2 :: 2]]
    for pair in chosen:
        for job in dict.fromkeys(pair):
            undo(job, places)
        running = [(job, start(COMMANDS[job](places))) for job in pair]
        for job, command in running:
            _, errors = command.communicate()
            assert command.returncode in ({0, 1} if job == IN_TURN else {0}), f"{pair}: {job}: {errors}"
            assert "Traceback" not in errors, f"{pair}: {job}: {errors}"
        for job in dict.fromkeys(pair):
            finish(COMMANDS[job](places))
        assert read_state(places) == undisturbed, pair
    record_property("pairs", len(chosen))
