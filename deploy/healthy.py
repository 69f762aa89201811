#!/usr/bin/env python3
"""What the container's health check runs: is every page that this container serves ready?

`healthy [PORT...]`: each named port must answer /readyz with 200; without one, those of capture,
the desk and the health pages that somebody listens on, and there must be one.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Sequence
from typing import Final

_NAMES: Final = ("CAPTURE_PORT", "DESK_PORT", "ADMIN_PORT")
_DEFAULTS: Final = ("8000", "8080", "8081")
_SECONDS: Final = 3.0


def ready(port: int) -> bool | None:
    """Whether the page says so; None where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 for healthy, 1 for not, as Docker reads it."""
    if arguments:
        return 0 if all(ready(int(port)) for port in arguments) else 1
    ports = [
        int(os.environ.get(f"SARNAKH_{name}") or default)
        for name, default in zip(_NAMES, _DEFAULTS, strict=True)
    ]
    answers = [answer for port in ports if (answer := ready(port)) is not None]
    return 0 if answers and all(answers) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
