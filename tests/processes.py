"""A process that is stopped: a signal is sent at once, and takes effect a moment later."""

import psutil

from jobs.wait import wait_until

STOPS_WITHIN = 60  # seconds


def suspend_process(process: psutil.Process) -> None:
    """Stop a process, and wait until the system says that it is stopped."""
    process.suspend()
    wait_until_stopped(process)


def wait_until_stopped(process: psutil.Process) -> None:
    """Wait for a process that is stopped, by this test or by itself. It fails where the process ends instead."""
    last = (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    wait_until(lambda: process.status() in last, every=0.01, at_most=STOPS_WITHIN)
    assert process.status() == psutil.STATUS_STOPPED, "it ended, or was never stopped"
