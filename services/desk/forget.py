"""What is forgotten when it is as old as the file says, and by which of its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from libs.common.configuration.schema import Retention
from libs.common.database import Transaction
from libs.common.forgetting import Forget, old_before
from services.desk.store import forgetting


async def bodies(tx: Transaction, kept: Retention, now: datetime, most: int) -> int:
    """Raw bytes of what was held and is decided, after `privacy.retention.raw`."""
    return await forgetting.drop_bodies(tx, old_before(kept.raw, now), most)


async def dead_bodies(tx: Transaction, kept: Retention, now: datetime, most: int) -> int:
    """The same of dead letters that were sent again."""
    return await forgetting.drop_dead_bodies(tx, old_before(kept.raw, now), most)


KINDS: Final[Sequence[Forget]] = (bodies, dead_bodies)
