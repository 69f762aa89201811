"""Ports that stay free between the moment in which a test chooses them and that of their use."""

from __future__ import annotations

import os
import random
import socket
from itertools import count
from typing import Final

_LEAST: Final = 10_000
_EACH: Final = 500
"""Ports of one process of a run."""
_RANGES: Final = 11
"""All lie below those that Kafka and Postgres are started on (15500 and above), and below those
that the kernel lends to whoever connects (32768 and above on Linux): one of these may be somebody's
own end before the service listens there, or while it is started again."""

_turn = count(random.SystemRandom().randrange(_EACH))


def free_port() -> int:
    """A port of loopback that nobody listens on now, and that no other worker of this run takes.

    Who is no worker, as a storm beside the tests, has the last range.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", f"gw{_RANGES - 1}").removeprefix("gw")
    first = _LEAST + int(worker) % _RANGES * _EACH
    for _ in range(_EACH):
        port = first + next(_turn) % _EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("no port is free")
