"""The command line: `sarnakh`, or `python -m services`."""

from __future__ import annotations

import sys
from typing import Final

from services import early

_UNASKED: Final = ("rich", "greenlet")
"""What structlog loads where it finds it: six MiB that no service has a use for."""


def main() -> None:
    """Run the command line. Who is told to end before anything has begun ends well."""
    early.listen()
    load_logging()
    from services.commands.line import app  # noqa: PLC0415 - seconds of imports, under that word

    early.loaded()
    app()


def load_logging() -> None:
    """Load structlog without what it takes up unasked."""
    hidden = {name: None for name in _UNASKED if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]  # how an import is made to fail (the import system, section 5.3)
    import structlog  # noqa: F401, PLC0415 - while these are hidden

    for name in hidden:
        del sys.modules[name]


if __name__ == "__main__":
    main()
