"""What is forgotten when it is as old as the file says, and by which of its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from libs.common.configuration.schema import Retention
from libs.common.database import Transaction
from libs.common.forgetting import Forget, old_before
from services.enrichment.store import forgetting


async def visits(tx: Transaction, kept: Retention, now: datetime, most: int) -> int:
    """Those of whom nobody was ever known, after `privacy.retention.activity`."""
    return await forgetting.forget(tx, old_before(kept.activity, now), most)


async def bodies(tx: Transaction, kept: Retention, now: datetime, most: int) -> int:
    """Raw bytes of what is not held, after `privacy.retention.raw`; what was read in them stays."""
    return await forgetting.drop_bodies(tx, old_before(kept.raw, now), most)


async def resent_bodies(tx: Transaction, kept: Retention, now: datetime, most: int) -> int:
    """The same of what came again."""
    return await forgetting.drop_resent_bodies(tx, old_before(kept.raw, now), most)


KINDS: Final[Sequence[Forget]] = (visits, bodies, resent_bodies)
