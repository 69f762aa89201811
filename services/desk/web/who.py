"""Who is at the desk."""

from __future__ import annotations

from typing import NamedTuple


class Staff(NamedTuple):
    """Who asks: a program with the token, or a person in a session."""

    actor: str
    csrf: str = ""
    """What the session's own forms carry; empty for a program."""
