"""Finds leads: one with all that belongs to it, or a page of those that match."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from libs.common.events import Score
from libs.common.fading import score_at, temperature_at
from services.desk.store import heat


class Wanted(msgspec.Struct, frozen=True):
    """Which leads, and in which order; None does not narrow."""

    by_score: bool = False
    """The hottest first instead of the newest."""

    state: str | None = None
    stage: str | None = None
    temperature: str | None = None
    owner: str | None = None
    team: str | None = None
    only: str | None = None
    """`late`, `waiting`, `unaccepted` or `contacted`: of those that are open."""
    closed_since: datetime | None = None
    source: str | None = None
    page: str | None = None
    below: str | None = None
    """A page and all below it."""
    words: tuple[str, ...] = ()
    """Folded words that must all be found in the person's name, number, address or company."""
    dialled: tuple[str, ...] = ()
    """The same with numbers as they stand in their international form: these or those are found."""
    since: datetime | None = None
    until: datetime | None = None
    listed: str | None = None
    """The id of an import: leads that rows of it opened or joined."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where the page before ended: the cursor."""

    at: datetime
    id: str
    score: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)] | None = None
    """In a list by score."""


async def newest(
    tx: Transaction,
    wanted: Wanted,
    after: Place | None,
    limit: int,
    now: datetime | None = None,
) -> list[dict[str, Any]]:
    """Leads that match as they are at `now` (default: by the clock), newest or hottest first.

    Ask for one more than shown to know whether more follow. A lead that cools while somebody
    turns pages of a list by score may be shown twice; none that only cools is left out.
    """
    now = now or datetime.now(UTC)
    if wanted.temperature or wanted.by_score:
        await heat.bring_turned(tx, now)
    given = {
        **{name: getattr(wanted, name) for name in _NARROWING},
        "patterns": [_pattern(word) for word in wanted.words],
        "dialled": [_pattern(word) for word in wanted.dialled or wanted.words],
        "at": after and after.at,
        "id": after and after.id,
    }
    if wanted.by_score:
        given["score"] = after and after.score
        await _bring_hottest(tx, given, limit, now)
    found = _HOTTEST if wanted.by_score else _NEWEST
    rows = await tx.execute(found, {**given, "limit": limit})
    return [_seen(row, now) for row in rows]


async def _bring_hottest(tx: Transaction, given: dict[str, Any], limit: int, now: datetime) -> None:
    """Until nobody on the page has a score of the past: stored ones are never too low."""
    for _ in range(_MOST_ROUNDS):
        for most in (limit, heat.BATCH):
            ids = await tx.scalars(_HOTTEST_LATE, {**given, "limit": most, "now": now})
            if not ids:
                return
        if not await heat.bring_changed(tx, ids, now):
            return


def _seen(row: Row, now: datetime) -> dict[str, Any]:
    """The row with the score and the temperature of `now`."""
    body = row["body"]
    score = score_at(msgspec.convert(body["score"], Score), now)
    temperature = temperature_at(score, now) or body["temperature"]
    return {
        **row,
        "body": {**body, "score": msgspec.to_builtins(score), "temperature": temperature},
    }


_MOST_ROUNDS: Final = 40
_MATCHING: Final = """
            FROM desk.leads l
            LEFT JOIN desk.submissions t
                ON t.id = CAST(l.body -> 'last_touch' ->> 'submission_id' AS uuid)
            WHERE l.merged_into IS NULL AND l.erased_at IS NULL
              AND (CAST(:state AS text) IS NULL OR l.state = :state)
              AND (CAST(:stage AS text) IS NULL OR l.stage = :stage)
              AND (CAST(:temperature AS text) IS NULL OR l.temperature_now = :temperature)
              AND (CAST(:owner AS text) IS NULL OR l.owner = :owner)
              AND (CAST(:team AS text) IS NULL OR l.team = :team)
              AND (CAST(:only AS text) IS NULL OR l.state = 'open' AND CASE :only
                   WHEN 'late' THEN l.due_at < clock_timestamp()
                   WHEN 'waiting' THEN l.waits_for IS NOT NULL
                   WHEN 'unaccepted' THEN l.owner IS NOT NULL AND l.accepted_at IS NULL
                   ELSE l.contacted_at IS NOT NULL END)
              AND (CAST(:closed_since AS timestamptz) IS NULL OR l.closed_at >= :closed_since)
              AND (CAST(:source AS text) IS NULL OR l.source = :source)
              AND (CAST(:page AS text) IS NULL OR l.page = :page)
              AND (CAST(:below AS text) IS NULL OR l.page = :below
                   OR starts_with(l.page, :below || '/'))
              AND (CAST(:since AS timestamptz) IS NULL OR l.opened_at >= :since)
              AND (CAST(:until AS timestamptz) IS NULL OR l.opened_at < :until)
              AND (CAST(:listed AS uuid) IS NULL OR l.id IN (
                  SELECT b.lead_id FROM desk.import_rows i
                  JOIN desk.submissions b ON b.id = i.submission_id
                  WHERE i.import_id = CAST(:listed AS uuid)))
              AND (l.search LIKE ALL (CAST(:patterns AS text[]))
                   OR l.search LIKE ALL (CAST(:dialled AS text[])) OR l.id IN (
                  SELECT s.lead_id FROM desk.timeline r
                  JOIN desk.submissions s ON s.id = r.submission_id
                  JOIN desk.leads x ON x.id = s.lead_id
                  CROSS JOIN LATERAL (SELECT lower(concat_ws(
                      ' ', x.search, r.data -> 'contact' ->> 'phone',
                      r.data -> 'contact' ->> 'email')) AS search) told
                  WHERE r.kind = 'resent'
                    AND (told.search LIKE ALL (CAST(:patterns AS text[]))
                         OR told.search LIKE ALL (CAST(:dialled AS text[])))))
"""
_SHOWN: Final = "SELECT l.id, l.opened_at, l.body, t.contact ->> 'message' AS want"
_RANKED: Final = ", l.score_now AS rank"
_BY_TIME: Final = """
              AND (CAST(:at AS timestamptz) IS NULL
                   OR (l.opened_at, l.id) < (:at, CAST(:id AS uuid)))
            ORDER BY l.opened_at DESC, l.id DESC LIMIT :limit
"""
_BY_SCORE: Final = """
              AND (CAST(:at AS timestamptz) IS NULL
                   OR (l.score_now, l.opened_at, l.id) < (:score, :at, CAST(:id AS uuid)))
            ORDER BY l.score_now DESC, l.opened_at DESC, l.id DESC LIMIT :limit
"""
_NEWEST: Final = text(_SHOWN + _MATCHING + _BY_TIME)
_HOTTEST: Final = text(_SHOWN + _RANKED + _MATCHING + _BY_SCORE)
_HOTTEST_LATE: Final = text(
    "SELECT id FROM (SELECT l.id, l.changes_at"  # noqa: S608 - of this file's own constants
    + _MATCHING
    + _BY_SCORE
    + ") top WHERE changes_at <= :now"
)


_NARROWING = (
    "state",
    "stage",
    "temperature",
    "owner",
    "team",
    "only",
    "closed_since",
    "source",
    "page",
    "below",
    "since",
    "until",
    "listed",
)


def _pattern(word: str) -> str:
    escaped = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


async def one(tx: Transaction, lead_id: str, now: datetime | None = None) -> dict[str, Any] | None:
    """The lead as it is at `now` (default: by the clock); for one joined to another, that other."""
    rows = await tx.execute(
        text("""
            SELECT l.id, l.opened_at, l.body, t.contact ->> 'message' AS want
            FROM desk.leads l
            LEFT JOIN desk.submissions t
                ON t.id = CAST(l.body -> 'last_touch' ->> 'submission_id' AS uuid)
            WHERE l.id = desk.surviving_lead(CAST(:id AS uuid))
        """),
        {"id": lead_id},
    )
    row = rows.first()
    return _seen(row, now or datetime.now(UTC)) if row else None


async def is_yet_to_be_read(tx: Transaction, lead_id: str) -> bool:
    """Whether a message about the lead or a submission of it is here, and it itself is not."""
    rows = await tx.execute(
        text("""
            SELECT NOT EXISTS (SELECT FROM desk.leads WHERE id = CAST(:id AS uuid)) AND (
                EXISTS (SELECT FROM desk.submissions WHERE lead_id = CAST(:id AS uuid))
                OR EXISTS (SELECT FROM desk.notifications WHERE lead_id = CAST(:id AS uuid)))
        """),
        {"id": lead_id},
    )
    return bool(rows.scalar())


async def touches(tx: Transaction, lead_id: str) -> list[dict[str, Any]]:
    """The submissions of a lead and of those joined to it, with resends, newest first."""
    rows = await tx.execute(
        text("""
            WITH mine AS (
                SELECT * FROM desk.submissions
                WHERE lead_id IN (SELECT desk.joined_leads(CAST(:id AS uuid)))
            )
            SELECT id AS submission_id, kind, source, attribution ->> 'page' AS page,
                   received_at AS at, contact ->> 'message' AS message
            FROM mine
            UNION ALL
            SELECT mine.id, mine.kind, mine.source, r.data ->> 'page', r.at,
                   r.data -> 'contact' ->> 'message'
            FROM mine JOIN desk.timeline r ON r.submission_id = mine.id
            WHERE r.kind = 'resent' AND r.person_id IS NOT NULL
            ORDER BY at DESC, submission_id DESC LIMIT 200
        """),
        {"id": lead_id},
    )
    return [dict(row) for row in rows]


async def notifications(tx: Transaction, lead_id: str) -> list[dict[str, Any]]:
    """The messages about a lead and those joined to it, newest first."""
    rows = await tx.execute(
        text("""
            SELECT id, kind, channel, specialist, state, at, attempts, error
            FROM desk.notifications
            WHERE lead_id IN (SELECT desk.joined_leads(CAST(:id AS uuid)))
            ORDER BY at DESC, id DESC LIMIT 200
        """),
        {"id": lead_id},
    )
    return [dict(row) for row in rows]


async def any_lead(tx: Transaction) -> bool:
    """Whether anything has ever arrived: an empty inbox then says how to begin."""
    rows = await tx.execute(text("SELECT EXISTS (SELECT 1 FROM desk.leads)"))
    return bool(rows.scalar_one())
