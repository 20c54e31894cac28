"""A process that is stopped: a signal is sent at once, and takes effect a moment later."""

import time

import psutil

STOPS_WITHIN = 60  # seconds


def suspend_process(process: psutil.Process) -> None:
    """Stop a process, and wait until the system says that it is stopped."""
    process.suspend()
    wait_until_stopped(process)


def wait_until_stopped(process: psutil.Process) -> None:
    """Wait for a process that is stopped, by this test or by itself. It fails where the process ends instead."""
    deadline = time.monotonic() + STOPS_WITHIN
    while (status := process.status()) != psutil.STATUS_STOPPED:
        assert status != psutil.STATUS_ZOMBIE, f"process {process.pid} ended, and was not stopped"
        assert time.monotonic() < deadline, f"process {process.pid} is not stopped after {STOPS_WITHIN} s"
        time.sleep(0.01)
