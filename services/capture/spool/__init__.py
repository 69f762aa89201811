"""The spool: what was accepted, synced to disk before anybody is told (decision 0002)."""

from services.capture.spool.commit import Commit
from services.capture.spool.errors import SpoolBroken, SpoolFull
from services.capture.spool.folder import HeldFolder, take_all, take_own
from services.capture.spool.spool import Spool

__all__ = ["Commit", "HeldFolder", "Spool", "SpoolBroken", "SpoolFull", "take_all", "take_own"]
