"""Pages of origin, counted."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


class PageCount(NamedTuple):
    """How many leads of a page a team has now."""

    page: str | None
    team: str | None
    leads: int


async def counts(tx: Transaction, since: datetime) -> list[PageCount]:
    """Leads opened since then by their page and the team that has them now."""
    rows = await tx.execute(
        text("""
            SELECT page, team, count(*) AS leads FROM desk.leads
            WHERE opened_at >= :since AND merged_into IS NULL
            GROUP BY page, team
        """),
        {"since": since},
    )
    return [PageCount(row.page, row.team, row.leads) for row in rows]
