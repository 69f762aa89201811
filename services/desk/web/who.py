"""Who is at the desk."""

from __future__ import annotations

from typing import NamedTuple


class Staff(NamedTuple):
    """Who asks: a program with the token, or a person in a session."""

    actor: str
    """Who did it, in the story and the audit trail: a specialist's key, staff or api."""
    csrf: str = ""
    """What the session's own forms carry; empty for a program."""
    me: str | None = None
    """The specialist who says that they sit here, by key."""
