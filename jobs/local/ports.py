"""Ports on loopback for the laptop's services."""

import os
import socket

HOST = "127.0.0.1"


def free_port(wanted: int | None = None) -> int:
    """The port used last time where it is still free (bookmarks keep working), else any free one on loopback."""
    for port in (wanted, 0):
        if port is not None:
            with socket.socket() as probe:
                if os.name != "nt":  # a port closed a minute ago is free; on Windows the flag would steal one in use
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    continue
                found: int = probe.getsockname()[1]
                return found
    raise OSError(f"{HOST} has no free port")
