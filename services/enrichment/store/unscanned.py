"""Touches that name a scan which is not read yet, so that it finds them.

Whoever writes a person's touch or reads a scan holds the token's identifier (rule 13), so that of
two that are read at one moment the second sees the first. What is held claims no identifier
(rule 16): where it misses its scan, it learns of it when it is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import structs

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from libs.common.errors import Retry
from libs.common.events import Attribution, Contact, LeadCaptured, Touch
from libs.common.normal.page import normal_page
from services.enrichment.late_scan import Naming, Waiting
from services.enrichment.stored import moment_of

MOST: Final = 20
"""Touches kept of one token, the first that are read: a printed link is everybody's, and anybody
may post. Counted once a slice, so that one slice may bring more."""

_NOTE: Final = text("""
    INSERT INTO enrichment.unscanned (token, touch_id, submission_id, at)
    SELECT given.token, given.touch_id, given.submission_id, given.at
    FROM unnest(CAST(:tokens AS text[]), CAST(:touches AS uuid[]), CAST(:submissions AS uuid[]),
                CAST(:ats AS timestamptz[])) AS given(token, touch_id, submission_id, at)
    WHERE (SELECT count(*) FROM enrichment.unscanned u WHERE u.token = given.token) < :most
    ORDER BY given.token COLLATE "C", given.touch_id
    ON CONFLICT DO NOTHING
""")

_COUNT: Final = text("""
    SELECT count(*) AS n FROM enrichment.unscanned WHERE token = ANY(CAST(:tokens AS text[]))
""")

_FIND: Final = text("""
    SELECT u.token, u.touch_id, s.round, s.person_id, s.outcome, s.contact::text AS contact,
           s.captured::text AS captured, t.at, t.attribution::text AS attribution,
           coalesce(r.captured, s.captured) ->> 'message' AS message
    FROM enrichment.unscanned u
    JOIN enrichment.submissions s ON s.id = u.submission_id
    LEFT JOIN enrichment.touches t ON t.id = u.touch_id
    LEFT JOIN enrichment.resends r ON r.event_id = u.touch_id
    WHERE u.token = ANY(CAST(:tokens AS text[]))
    ORDER BY s.id, u.touch_id
    FOR UPDATE OF s SKIP LOCKED
""")

_FILL: Final = text("""
    UPDATE enrichment.touches t
    SET attribution = CAST(given.attribution AS jsonb), page = given.page
    FROM unnest(CAST(:ids AS uuid[]), CAST(:attributions AS text[]), CAST(:pages AS text[]))
        AS given(id, attribution, page)
    WHERE t.id = given.id
""")

_DROP: Final = text("""
    DELETE FROM enrichment.unscanned WHERE token = ANY(CAST(:tokens AS text[]))
""")


async def note(tx: Transaction, naming: Sequence[Naming]) -> None:
    """Keep touches by the tokens of scans that are not read yet."""
    if naming:
        columns = {
            "tokens": [one.token for one in naming],
            "touches": [one.touch_id for one in naming],
            "submissions": [one.submission_id for one in naming],
            "ats": [one.at for one in naming],
        }
        await tx.execute(_NOTE, columns | {"most": MOST})


async def find(tx: Transaction, tokens: Iterable[str]) -> list[Waiting]:
    """The touches that wait for these scans, their submissions locked.

    Submissions are locked before identifiers, which are held by now: so none is waited for.
    Raises Retry where somebody else has one.
    """
    wanted = sorted(set(tokens))
    if not wanted:
        return []
    (known,) = (await tx.execute(_COUNT, {"tokens": wanted})).all()
    if not known.n:
        return []
    rows = (await tx.execute(_FIND, {"tokens": wanted})).all()
    if len(rows) < known.n:
        raise Retry("submissions that name a scan", after=0.1)
    return [_waiting(row) for row in rows if row.at or row.outcome == "quarantined"]


def _waiting(row: Row) -> Waiting:
    captured = msgspec.json.decode(row.captured, type=LeadCaptured)
    touch = Touch(
        submission_id=captured.submission_id,
        kind=captured.kind,
        source=captured.source,
        at=row.at or moment_of(captured),
        attribution=_attribution(row, captured),
        received_at=captured.received_at,
        temperature=captured.temperature,
        message=row.message,
    )
    return Waiting(
        token=row.token,
        touch_id=str(row.touch_id),
        touch=touch,
        contact=msgspec.json.decode(row.contact, type=Contact),
        round=row.round,
        person_id=str(row.person_id) if row.person_id else None,
    )


def _attribution(row: Row, captured: LeadCaptured) -> Attribution:
    if row.attribution:
        return msgspec.json.decode(row.attribution, type=Attribution)
    came = captured.attribution
    return structs.replace(came, page=normal_page(came.page_url))


async def fill(tx: Transaction, known: Mapping[str, Attribution]) -> None:
    """Write where touches came from, by their ids."""
    if known:
        columns = {
            "ids": list(known),
            "attributions": [msgspec.json.encode(one).decode() for one in known.values()],
            "pages": [one.page for one in known.values()],
        }
        await tx.execute(_FILL, columns)


async def drop(tx: Transaction, tokens: Iterable[str]) -> None:
    """Forget what waited for these scans: they are read."""
    await tx.execute(_DROP, {"tokens": sorted(set(tokens))})
