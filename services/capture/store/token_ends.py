"""When access tokens end, by what their platforms said, and when they are asked again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


class Token(NamedTuple):
    """One access token of a source, told from others without keeping it."""

    kind: str
    source: str
    credentials: str


class Known(NamedTuple):
    """What is known of a token."""

    ends_at: datetime | None
    """None: it does not end, or nobody knows."""
    is_told: bool
    """Whether others have heard that."""


async def claim(tx: Transaction, token: Token, now: datetime, until: datetime) -> bool:
    """Take a token that is to be asked of; nobody else does before `until`."""
    rows = await tx.execute(
        text("""
            INSERT INTO capture.token_ends AS t (kind, source, credentials, next_at)
            VALUES (:kind, :source, :credentials, :until)
            ON CONFLICT (kind, source, credentials) DO UPDATE SET next_at = excluded.next_at
            WHERE t.next_at <= :now
            RETURNING t.source
        """),
        {**token._asdict(), "now": now, "until": until},
    )
    return rows.first() is not None


async def lock(tx: Transaction, token: Token) -> Known | None:
    """What is known of it; None where it was forgotten."""
    rows = await tx.execute(
        text("""
            SELECT ends_at, is_told FROM capture.token_ends
            WHERE kind = :kind AND source = :source AND credentials = :credentials FOR UPDATE
        """),
        token._asdict(),
    )
    row = rows.first()
    return Known(row["ends_at"], row["is_told"]) if row else None


async def save(tx: Transaction, token: Token, ends_at: datetime | None, next_at: datetime) -> None:
    """Write what is known of a locked one, which others hear now, and when to ask again."""
    await tx.execute(
        text("""
            UPDATE capture.token_ends SET ends_at = :ends_at, is_told = true, next_at = :next_at
            WHERE kind = :kind AND source = :source AND credentials = :credentials
        """),
        {**token._asdict(), "ends_at": ends_at, "next_at": next_at},
    )


async def known(tx: Transaction) -> dict[Token, datetime]:
    """The end of each token that has a known one."""
    rows = await tx.execute(
        text("""
            SELECT kind, source, credentials, ends_at FROM capture.token_ends
            WHERE ends_at IS NOT NULL
        """)
    )
    return {Token(row["kind"], row["source"], row["credentials"]): row["ends_at"] for row in rows}


async def forget(tx: Transaction, before: datetime) -> None:
    """Drop tokens that were last due before that: no source has them any more."""
    await tx.execute(
        text("DELETE FROM capture.token_ends WHERE next_at < :before"), {"before": before}
    )
