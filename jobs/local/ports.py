"""Free ports on loopback for the laptop's services."""

import os
import socket

HOST = "127.0.0.1"


def free_port(preferred: int | None = None) -> int:
    """Returns the `preferred` port if it is free (that of the last time, so that URLs keep working), else any other."""
    for port in (preferred, 0):
        if port is not None:
            with socket.socket() as probe:
                if os.name != "nt":  # a port closed a minute ago is free; on Windows the flag would take one in use
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    continue
                free: int = probe.getsockname()[1]
                return free
    raise OSError(f"{HOST} has no free port")
