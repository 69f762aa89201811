"""All that an ordinary slice leaves, in one statement: persons, identifiers, submissions, touches.

Whatever of it exists is locked by then, in the order of delivery rule 12, or comes of a submission
that only this slice can have; so the order of the parts matters to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.columns import listed, moments
from libs.common.database.statements import text
from libs.common.errors import Retry
from services.enrichment.dedupe import Settled
from services.enrichment.effects import Row, TouchRow

_SAVE: Final = text("""
    WITH persons AS (
        INSERT INTO enrichment.persons AS p (id, opened_at, profile, joined_into, changed_at)
        SELECT id, opened_at, CAST(profile AS jsonb), joined_into, :now
        FROM unnest(CAST(CAST(:person AS text) AS uuid[]),
                    CAST(CAST(:opened_at AS text) AS timestamptz[]),
                    CAST(:profile AS text[]), CAST(CAST(:joined_into AS text) AS uuid[]))
            AS given(id, opened_at, profile, joined_into)
        ORDER BY id
        ON CONFLICT (id) DO UPDATE SET
            profile = excluded.profile, joined_into = excluded.joined_into,
            version = p.version + 1, changed_at = excluded.changed_at
        RETURNING id, version
    ), claimed AS (
        UPDATE enrichment.identifiers i SET
            person_id = given.owner,
            first_person_id = coalesce(i.first_person_id, given.first, given.owner),
            claimed_at = coalesce(given.since, :now)
        FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[]),
                    CAST(CAST(:owners AS text) AS uuid[]),
                    CAST(CAST(:since AS text) AS timestamptz[]),
                    CAST(CAST(:firsts AS text) AS uuid[]))
            AS given(kind, value, owner, since, first)
        WHERE i.kind = given.kind AND i.value = given.value
    ), given AS (
        SELECT * FROM unnest(
            CAST(CAST(:id AS text) AS uuid[]), CAST(CAST(:round AS text) AS integer[]),
            CAST(CAST(:revision AS text) AS integer[]), CAST(CAST(:event_id AS text) AS uuid[]),
            CAST(:digest AS text[]), CAST(CAST(:outcome AS text) AS text[]),
            CAST(:reason AS text[]), CAST(CAST(:person_id AS text) AS uuid[]),
            CAST(:source AS text[]), CAST(:kind AS text[]),
            CAST(CAST(:received_at AS text) AS timestamptz[]), CAST(:captured AS text[]),
            CAST(:contact AS text[]), CAST(:raw AS bytea[]), CAST(:content_type AS text[]),
            CAST(CAST(:at AS text) AS timestamptz[]), CAST(:page AS text[]),
            CAST(:attribution AS text[])
        ) AS given(id, round, revision, event_id, digest, outcome, reason, person_id, source, kind,
            received_at, captured, contact, raw, content_type, at, page, attribution)
        ORDER BY id
    ), saved AS (
        INSERT INTO enrichment.submissions AS s (
            id, round, revision, event_id, digest, outcome, reason, person_id, source, kind,
            received_at, changed_at, captured, contact, raw, content_type, config_version)
        SELECT id, round, revision, event_id, digest, outcome, reason, person_id, source, kind,
            received_at, :now, CAST(captured AS jsonb), CAST(contact AS jsonb), coalesce(raw, ''),
            content_type, :config_version
        FROM given
        ON CONFLICT (id) DO UPDATE SET
            round = excluded.round, revision = excluded.revision, event_id = excluded.event_id,
            digest = excluded.digest, outcome = excluded.outcome, reason = excluded.reason,
            person_id = excluded.person_id, received_at = excluded.received_at,
            changed_at = excluded.changed_at, captured = excluded.captured,
            contact = excluded.contact,
            raw = CASE WHEN excluded.raw = '' THEN s.raw ELSE excluded.raw END,
            content_type = excluded.content_type, config_version = excluded.config_version
        WHERE s.outcome <> 'erased'
        RETURNING 1
    ), touched AS (
        INSERT INTO enrichment.touches
            (id, submission_id, person_id, kind, source, page, at, attribution)
        SELECT id, id, person_id, kind, source, page, at, CAST(attribution AS jsonb)
        FROM given WHERE at IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    SELECT CAST(NULL AS uuid) AS id, count(*) AS number FROM saved
    UNION ALL
    SELECT id, version FROM persons WHERE version > 1
""")

_TOUCHES: Final = text("""
    INSERT INTO enrichment.touches
        (id, submission_id, person_id, kind, source, page, at, attribution)
    SELECT id, submission_id, person_id, kind, source, page, at, CAST(attribution AS jsonb)
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:submission_id AS uuid[]), CAST(:person_id AS uuid[]),
        CAST(:kind AS text[]), CAST(:source AS text[]), CAST(:page AS text[]),
        CAST(:at AS timestamptz[]), CAST(:attribution AS text[])
    ) AS given(id, submission_id, person_id, kind, source, page, at, attribution)
    ORDER BY id
    ON CONFLICT DO NOTHING
""")

_encode: Final = msgspec.json.Encoder().encode


class Kept(NamedTuple):
    """A slice as it is to be written."""

    rows: Sequence[Row]
    touches: Sequence[TouchRow]
    settled: Settled
    config_version: int
    now: datetime


async def save(tx: Transaction, kept: Kept) -> dict[str, int]:
    """Write persons that are new or changed, whose identifiers are, submissions and touches.

    Of a submission that is there already, what became of it last; a touch that is there stays.
    Gives each person's version, which grows under the row's lock (rule 11). Raises Retry where a
    submission is being erased at this moment.
    """
    rows = {row.id: row for row in kept.rows}
    beside, others = _sorted_out(rows, kept.touches)
    persons = _persons(kept.settled)
    versions = dict.fromkeys(sorted(kept.settled.changed), 1)
    if rows or versions or kept.settled.claimed:
        columns = persons | _identifiers(kept.settled) | _submissions(rows, kept.rows, beside)
        single = {"now": kept.now, "config_version": kept.config_version}
        saved, *again = await tx.execute(_SAVE, columns | single)
        if saved.number < len(rows):
            raise Retry("submissions that are being erased", after=0.1)
        versions |= {str(row.id): row.number for row in again}
    if others:
        await tx.execute(_TOUCHES, _touches(others))
    return versions


def _sorted_out(
    rows: dict[str, Row], touches: Sequence[TouchRow]
) -> tuple[dict[str, TouchRow], list[TouchRow]]:
    """Touches that are a row's own, by submission, and the others: of resends, of repeats."""
    beside: dict[str, TouchRow] = {}
    others: list[TouchRow] = []
    for touch in touches:
        row = rows.get(touch.id)
        is_own = row is not None and touch.person_id == row.person_id and touch.id not in beside
        if is_own and row is not None and row.cause == touch.cause:
            beside[touch.id] = touch
        else:
            others.append(touch)
    repeated = {touch.id for touch in others} & beside.keys()
    if repeated:  # the first of them is the one that stays
        return {i: t for i, t in beside.items() if i not in repeated}, [
            touch for touch in touches if touch.id not in beside or touch.id in repeated
        ]
    return beside, others


def _persons(settled: Settled) -> dict[str, Any]:
    changed = [settled.persons[id_] for id_ in sorted(settled.changed)]
    return {
        "person": listed(known.person.id for known in changed),
        "opened_at": moments(known.person.opened_at for known in changed),
        "profile": [_encode(known.profile).decode() for known in changed],
        # columns that say nothing are left empty: unnest fills them up
        "joined_into": listed(settled.retired.get(known.person.id) for known in changed)
        if settled.retired
        else listed(()),
    }


def _identifiers(settled: Settled) -> dict[str, Any]:
    """Each with its owner; who had it first stays known, which most often is the owner."""
    claimed = settled.claimed
    firsts = {one: first.person_id for one, first in settled.firsts.items()}
    differ = any(firsts.get(one, owner) != owner for one, owner in claimed.items())
    return {
        "kinds": [one.kind for one in claimed],
        "values": [one.value for one in claimed],
        "owners": listed(claimed.values()),
        "since": moments(settled.since.get(one) for one in claimed),
        "firsts": listed(firsts.get(one) for one in claimed) if differ else listed(()),
    }


def _submissions(
    newest: dict[str, Row], rows: Sequence[Row], beside: dict[str, TouchRow]
) -> dict[str, Any]:
    raws = {row.id: row.raw for row in rows if row.raw}
    values = list(newest.values())
    captured = [row.captured for row in values]
    own = [touch.touch if (touch := beside.get(row.id)) else None for row in values]
    return {
        "id": listed(newest),
        "round": listed(row.round for row in values),
        "revision": listed(row.revision for row in values),
        "event_id": listed(row.event_id for row in values),
        "digest": [each.digest for each in captured],
        "outcome": listed(row.outcome for row in values),
        "reason": [row.reason for row in values] if any(row.reason for row in values) else [],
        "person_id": listed(row.person_id for row in values),
        "source": [each.source for each in captured],
        "kind": [each.kind for each in captured],
        "received_at": moments(each.received_at for each in captured),
        "captured": [row.written for row in values],
        "contact": [_encode(row.contact).decode() for row in values],
        "raw": [raws.get(row.id) for row in values],
        "content_type": [each.content_type for each in captured],
        "at": moments(touch.at if touch else None for touch in own),
        "page": [touch.attribution.page if touch else None for touch in own],
        "attribution": [_encode(touch.attribution).decode() if touch else None for touch in own],
    }


def _touches(rows: Sequence[TouchRow]) -> dict[str, Any]:
    touches = [row.touch for row in rows]
    return {
        "id": [row.id for row in rows],
        "submission_id": [touch.submission_id for touch in touches],
        "person_id": [row.person_id for row in rows],
        "kind": [touch.kind for touch in touches],
        "source": [touch.source for touch in touches],
        "page": [touch.attribution.page for touch in touches],
        "at": [touch.at for touch in touches],
        "attribution": [_encode(touch.attribution).decode() for touch in touches],
    }
