"""Which way to embed is the fastest on this processor: measured once, and remembered.

A way that wins on one processor can lose on another: MKL's matrix products, for example, are half as fast on AMD's
processors as on Intel's.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from jobs.embed.device import processor_name
from jobs.embed.model import Embedder
from jobs.notice import say_if_slow
from jobs.state import state_folder, write_atomically

MEASURED_FROM = 1000  # pictures: with fewer, measuring takes longer than a wrong choice
ROUNDS = 3
HOPELESS = 1.5  # a way that takes this many times as long as the best one is not measured again
MIN_GAIN = 1.03  # another way must be this much faster than the first one: less is the machine's noise


@dataclass(frozen=True)
class Way:
    """`build` returns a function that computes `batch` pictures at a time, in each of `streams` threads at once."""

    name: str
    build: Callable[[], Embedder]
    batch: int
    streams: int

    @property
    def label(self) -> str:
        return f"{self.name}, {self.batch} pictures a batch, {self.streams} streams"


def choose_way(ways: Sequence[Way], precision: str, pictures: int) -> Way:
    """Return the way that is remembered as the fastest, or measure them for a run of many pictures.

    The first way is taken if neither applies. `ways` have different labels.
    """
    if len(ways) == 1:
        return ways[0]
    file = record_file(ways, precision)
    rates = read_rates(file, ways)
    if rates is None:
        if pictures < MEASURED_FROM:
            return ways[0]
        with say_if_slow("Measuring the fastest way to embed"):
            rates = measure_rates(ways)
        write_atomically(file, json.dumps(rates, indent=1))
    return fastest_way(ways, rates)


def fastest_way(ways: Sequence[Way], rates: Mapping[str, float]) -> Way:
    """Return the fastest way, or the first one if no other is MIN_GAIN times as fast."""
    best = max(ways, key=lambda way: rates[way.label])
    return best if rates[best.label] > MIN_GAIN * rates[ways[0].label] else ways[0]


def measure_rates(ways: Sequence[Way], clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """Return pictures per second by label: the best of ROUNDS rounds, in turns: other load slows all of them.

    A way that is HOPELESS in a round is left out of the next.
    """
    rates = {way.label: 0.0 for way in ways}
    embedders = [(way, way.build()) for way in ways]
    for round_number in range(ROUNDS + 1):  # in the first one, torch chooses its algorithms
        for way, embed in embedders:
            rate = way.batch * way.streams / measure_seconds(way, embed, clock)
            if round_number:
                rates[way.label] = max(rates[way.label], rate)
        embedders = [each for each in embedders if HOPELESS * rates[each[0].label] >= max(rates.values())]
    return {label: round(rate, 1) for label, rate in rates.items()}


def measure_seconds(way: Way, embed: Embedder, clock: Callable[[], float]) -> float:
    """Return the seconds in which every stream computes one batch of made pictures."""
    pictures = np.random.default_rng(0).integers(0, 256, (way.batch, 224, 224), np.uint8)
    limit = partial(torch.set_num_threads, torch.get_num_threads() // way.streams)
    with ThreadPoolExecutor(way.streams, "measure", limit) as pool:
        started = clock()
        list(pool.map(embed, [pictures] * way.streams))
        return clock() - started


def record_file(ways: Sequence[Way], precision: str) -> Path:
    """The file for this processor, torch and precision, and for these ways."""
    facts = [processor_name(), os.cpu_count(), torch.get_num_threads(), torch.__version__, precision]
    key = hashlib.sha256(json.dumps([facts, [way.label for way in ways]]).encode()).hexdigest()[:16]
    folder = state_folder() / "engines"
    folder.mkdir(exist_ok=True)
    return folder / f"{key}.json"


def read_rates(file: Path, ways: Sequence[Way]) -> dict[str, float] | None:
    """The rates of an earlier run. None if there are none, or if the file is not one that `choose_way` wrote."""
    try:
        rates = json.loads(file.read_bytes())
        return {way.label: float(rates[way.label]) for way in ways}
    except (OSError, ValueError, TypeError, KeyError):
        return None
