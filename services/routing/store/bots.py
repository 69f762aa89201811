"""Bots whose replies are fetched: who fetches, and up to where."""

from __future__ import annotations

from libs.common.database import Transaction
from libs.common.database.statements import text


async def lease(tx: Transaction, bot: str, owner: str, seconds: float) -> bool:
    """Take or renew the right to fetch; False while another process has it."""
    rows = await tx.execute(
        text("""
            INSERT INTO routing.bots AS b (bot, owner, until)
            VALUES (:bot, CAST(:owner AS uuid),
                    clock_timestamp() + make_interval(secs => CAST(:seconds AS float)))
            ON CONFLICT (bot) DO UPDATE SET owner = excluded.owner, until = excluded.until
            WHERE b.owner = excluded.owner OR b.until < clock_timestamp()
            RETURNING true
        """),
        {"bot": bot, "owner": owner, "seconds": seconds},
    )
    return rows.first() is not None


async def release(tx: Transaction, owner: str) -> None:
    """Let another process fetch at once."""
    await tx.execute(
        text(
            "UPDATE routing.bots SET until = clock_timestamp() WHERE owner = CAST(:owner AS uuid)"
        ),
        {"owner": owner},
    )


async def next_update(tx: Transaction, bot: str) -> int | None:
    """The first update that was not taken; None before any was."""
    rows = await tx.execute(
        text("SELECT next_update FROM routing.bots WHERE bot = :bot"), {"bot": bot}
    )
    found: int | None = rows.scalar()
    return found


async def taken(tx: Transaction, bot: str, update: int) -> None:
    """This update is journalled in the same transaction: fetch the ones after it.

    A number far below comes of a bot that was silent for a week and began anew.
    """
    await tx.execute(
        text("UPDATE routing.bots SET next_update = CAST(:next AS bigint) WHERE bot = :bot"),
        {"bot": bot, "next": update + 1},
    )
