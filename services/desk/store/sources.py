"""Sources as they speak, who and what is set aside, and posts to forms that do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.reading.rows import MisaddressedRow, PauseRow
from services.desk.store.columns import plain


async def write_pauses(tx: Transaction, rows: Sequence[PauseRow]) -> None:
    """Keep the newest word on each."""
    await tx.execute(
        text("""
            INSERT INTO desk.pauses AS p (kind, key, is_paused, at, until, why_fa, why_en)
            SELECT * FROM unnest(
                CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:paused AS boolean[]),
                CAST(:ats AS timestamptz[]), CAST(:untils AS timestamptz[]),
                CAST(:fa AS text[]), CAST(:en AS text[]))
            ON CONFLICT (kind, key) DO UPDATE SET
                is_paused = excluded.is_paused, at = excluded.at, until = excluded.until,
                why_fa = excluded.why_fa, why_en = excluded.why_en
            WHERE p.at <= excluded.at
        """),
        {
            "kinds": [row.kind for row in rows],
            "keys": [plain(row.key) for row in rows],
            "paused": [row.is_paused for row in rows],
            "ats": [row.at for row in rows],
            "untils": [row.until for row in rows],
            "fa": [plain(row.why.fa) if row.why else None for row in rows],
            "en": [plain(row.why.en) if row.why else None for row in rows],
        },
    )


async def paused(tx: Transaction, kind: str) -> dict[str, dict[str, Any]]:
    """What is set aside now, by key; a pause whose end has passed may be among them."""
    rows = await tx.execute(
        text("""
            SELECT key, at, until, why_fa, why_en FROM desk.pauses
            WHERE kind = :kind AND is_paused
        """),
        {"kind": kind},
    )
    return {row["key"]: dict(row) for row in rows}


async def pause_of(tx: Transaction, kind: str, key: str) -> dict[str, Any] | None:
    """The newest word on one, paused or not."""
    rows = await tx.execute(
        text("SELECT is_paused, at, until FROM desk.pauses WHERE kind = :kind AND key = :key"),
        {"kind": kind, "key": key},
    )
    row = rows.first()
    return dict(row) if row else None


async def write_misaddressed(
    tx: Transaction, rows: Sequence[MisaddressedRow], forget_before: datetime
) -> None:
    """Keep each post once, and forget those of long ago."""
    await tx.execute(
        text("""
            INSERT INTO desk.misaddressed (id, form, host, page, at)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:forms AS text[]), CAST(:hosts AS text[]),
                CAST(:pages AS text[]), CAST(:ats AS timestamptz[]))
            ON CONFLICT (id) DO NOTHING
        """),
        {
            "ids": [row.id for row in rows],
            "forms": [plain(row.form) for row in rows],
            "hosts": [plain(row.host) for row in rows],
            "pages": [plain(row.page) for row in rows],
            "ats": [row.at for row in rows],
        },
    )
    await tx.execute(
        text("DELETE FROM desk.misaddressed WHERE at < :before"), {"before": forget_before}
    )


async def misaddressed(tx: Transaction, since: datetime, most: int) -> list[dict[str, Any]]:
    """Forms that do not exist and were posted to, by form and page, the newest first."""
    rows = await tx.execute(
        text("""
            SELECT form, host, page, count(*) AS posts, max(at) AS at FROM desk.misaddressed
            WHERE at >= :since GROUP BY form, host, page
            ORDER BY max(at) DESC, form, page LIMIT :most
        """),
        {"since": since, "most": most},
    )
    return [dict(row) for row in rows]


async def arrivals(
    tx: Transaction, keys: Sequence[str], today: datetime, most: int
) -> dict[str, dict[str, Any]]:
    """By source: its newest arrivals, today's (tests apart), and what waits for its content."""
    rows = await tx.execute(
        text("""
            SELECT key, newest.ats, day.today, day.tests, waiting.hydrating, waiting.hydrating_since
            FROM unnest(CAST(:keys AS text[])) AS key,
            LATERAL (
                SELECT COALESCE(array_agg(received_at), '{}') AS ats FROM (
                    SELECT received_at FROM desk.arrivals
                    WHERE source = key AND received_at IS NOT NULL
                        AND kind IS DISTINCT FROM 'import'
                    ORDER BY received_at DESC LIMIT :most
                ) AS last
            ) AS newest,
            LATERAL (
                SELECT count(*) FILTER (WHERE NOT is_test) AS today,
                       count(*) FILTER (WHERE is_test) AS tests
                FROM desk.arrivals WHERE source = key AND received_at >= :today
            ) AS day,
            LATERAL (
                SELECT count(*) AS hydrating,
                       min(COALESCE(received_at, state_at)) AS hydrating_since
                FROM desk.submissions WHERE source = key AND state = 'hydrating'
            ) AS waiting
        """),
        {"keys": list(keys), "today": today, "most": most},
    )
    return {row["key"]: dict(row) for row in rows}
