"""Why a record was not stored. Both are answered 503 with Retry-After, never 2xx."""

from __future__ import annotations


class SpoolFull(Exception):
    """There is no room on the disk, or too much is waiting for it."""


class SpoolBroken(Exception):
    """Writing or syncing failed: whether the record is on the disk is not known."""
