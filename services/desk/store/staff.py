"""Sessions of staff, and the trail of what they read and did."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


class Session(NamedTuple):
    """An open session."""

    specialist: str | None
    """Who says that they sit at it."""


async def open_session(tx: Transaction, digest: bytes, now: datetime) -> None:
    """Keep a session by its id's digest: a copy of this table opens no door."""
    await tx.execute(
        text("INSERT INTO desk.sessions VALUES (:digest, :now, :now)"),
        {"digest": digest, "now": now},
    )


async def use_session(
    tx: Transaction, digest: bytes, now: datetime, idle_since: datetime, begun_since: datetime
) -> Session | None:
    """The session, if it is open; it stays so while it is used (noted once a minute)."""
    rows = await tx.execute(
        text("""
            WITH live AS (
                SELECT digest, seen_at, specialist FROM desk.sessions
                WHERE digest = :digest AND seen_at > :idle AND created_at > :begun
            ), noted AS (
                UPDATE desk.sessions s SET seen_at = :now FROM live
                WHERE s.digest = live.digest
                  AND live.seen_at < CAST(:now AS timestamptz) - interval '1 minute'
            )
            SELECT specialist FROM live
        """),
        {"digest": digest, "now": now, "idle": idle_since, "begun": begun_since},
    )
    row = rows.first()
    return Session(row.specialist) if row else None


async def is_open(
    tx: Transaction, digest: bytes, idle_since: datetime, begun_since: datetime
) -> bool:
    """Whether the session is still open; looking does not keep it so."""
    rows = await tx.execute(
        text("""
            SELECT 1 FROM desk.sessions
            WHERE digest = :digest AND seen_at > :idle AND created_at > :begun
        """),
        {"digest": digest, "idle": idle_since, "begun": begun_since},
    )
    return rows.first() is not None


async def sit(tx: Transaction, digest: bytes, specialist: str | None) -> None:
    """Note who sits at the session; None for nobody in particular."""
    await tx.execute(
        text("UPDATE desk.sessions SET specialist = :specialist WHERE digest = :digest"),
        {"digest": digest, "specialist": specialist},
    )


async def close_session(tx: Transaction, digest: bytes, begun_since: datetime) -> None:
    """End this session, and forget all that are past their time."""
    await tx.execute(
        text("DELETE FROM desk.sessions WHERE digest = :digest OR created_at < :begun"),
        {"digest": digest, "begun": begun_since},
    )


class Deed(NamedTuple):
    """What somebody read or did, for the audit trail."""

    actor: str
    action: str
    subject: str
    activity_id: str | None = None
    digest: str | None = None
    """Of the request: it tells a repeated key's other body."""


async def note(tx: Transaction, deed: Deed) -> None:
    """Add to the audit trail."""
    await tx.execute(
        text("""
            INSERT INTO desk.audit (actor, action, subject, activity_id, digest)
            VALUES (:actor, :action, :subject, CAST(:activity_id AS uuid), :digest)
            ON CONFLICT (activity_id) DO NOTHING
        """),
        deed._asdict(),
    )


async def digest_of(tx: Transaction, activity_id: str) -> str | None:
    """The digest of the request that made this activity; None while none has."""
    rows = await tx.execute(
        text("SELECT digest FROM desk.audit WHERE activity_id = CAST(:id AS uuid)"),
        {"id": activity_id},
    )
    found: str | None = rows.scalar()
    return found


async def is_there(tx: Transaction) -> None:
    """Touch the read model: it is there and migrated."""
    await tx.execute(text("SELECT 1 FROM desk.submissions LIMIT 1"))
