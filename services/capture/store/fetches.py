"""What is to be fetched from platforms; whose result counts is decided by the claim.

Moments are the caller's, who takes them from the database's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from libs.common.events import LeadCaptured, derived_id
from services.capture.fetching.hydrate import Fetching, place_of
from services.capture.fetching.pace import Pace
from services.capture.store import paces

_COLUMNS: Final = """
    CAST(submission_id AS text) AS submission_id, item, CAST(captured AS text) AS captured,
    tries, missing, place, denied, suspect, held, beside, CAST(record AS text) AS record
"""
ASKED_AGAIN_AFTER: Final = timedelta(days=7)
"""Of a name that the platform has told: it may be another one by then."""


class Noted(NamedTuple):
    """A submission that came without content, or without the name of its sender."""

    captured: LeadCaptured
    item: str
    readable_until: datetime
    record: str | None = None
    """The id of what takes back all that is of the same record of the platform."""

    @property
    def stranger(self) -> str | None:
        """Stands for the sender, where only their name is asked for: once, not for each message."""
        if self.captured.hydrate:
            return None
        return derived_id("name", self.captured.source_kind, self.captured.source, self.item)


async def note(tx: Transaction, noted: Sequence[Noted], now: datetime) -> None:
    """Remember what is to be fetched; a submission that is known stays as it is.

    Who is being asked about, or was told of lately, is not asked about again. A tombstone hears
    what it is of, so that it stays as the key of that.
    """
    if not noted:
        return
    columns = {
        "ids": [each.captured.submission_id for each in noted],
        "kinds": [each.captured.source_kind for each in noted],
        "sources": [each.captured.source for each in noted],
        "items": [each.item for each in noted],
        "captured": [_json(each.captured) for each in noted],
        "until": [each.readable_until for each in noted],
        "places": [place_of(each.captured) for each in noted],
        "strangers": [each.stranger for each in noted],
        "records": [each.record for each in noted],
        "happened": [x.captured.occurred_at or x.captured.received_at for x in noted],
        "lately": now - ASKED_AGAIN_AFTER,
        "now": now,
    }
    await paces.add(tx, [(x.captured.source_kind, x.captured.source) for x in noted], now)
    await tx.execute(
        text("""
            INSERT INTO capture.fetches (submission_id, kind, source, item, captured,
                                         noted_at, due_at, readable_until, place, beside,
                                         stranger, record, happened_at)
            SELECT DISTINCT ON (coalesce(stranger, id)) id, kind, source, item,
                   CAST(captured AS jsonb), CAST(:now AS timestamptz), CAST(:now AS timestamptz),
                   until, place, stranger IS NOT NULL, stranger, record, happened
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
                        CAST(:items AS text[]), CAST(:captured AS text[]),
                        CAST(:until AS timestamptz[]), CAST(:places AS text[]),
                        CAST(:strangers AS uuid[]), CAST(:records AS uuid[]),
                        CAST(:happened AS timestamptz[]))
                 AS new (id, kind, source, item, captured, until, place, stranger, record,
                         happened)
            WHERE NOT EXISTS (SELECT FROM capture.fetches f WHERE f.submission_id = new.id)
              AND (stranger IS NULL OR NOT EXISTS (
                SELECT FROM capture.fetches known
                WHERE known.stranger = new.stranger AND known.noted_at > :lately
                  AND (known.done_at IS NULL OR known.error IS NULL)))
            ORDER BY coalesce(stranger, id), id ON CONFLICT DO NOTHING
        """),
        columns,
    )
    await tx.execute(
        text("""
            UPDATE capture.fetches f SET kind = new.kind, source = new.source
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]))
                 AS new (id, kind, source)
            WHERE f.submission_id = new.id AND f.kind = ''
        """),
        {name: columns[name] for name in ("ids", "kinds", "sources")},
    )


class Claim(NamedTuple):
    """Whose the claimed ones are and with which token of the platform, since and until when."""

    token: str
    now: datetime
    until: datetime
    credentials: str = ""


class Which(NamedTuple):
    """Which of a source may be claimed, and how many at most."""

    most: int
    but: Sequence[str] = ()
    """None of these forms and pages."""
    only: str | None = None
    """Of this form or page alone."""
    newer_than: datetime | None = None


async def claim(tx: Transaction, pace: Pace, which: Which, by: Claim) -> list[Fetching]:
    """Take what is due of a locked source: what was never tried first, and of that the newest.

    So that those which fail for good are never in the way of those which do not.
    """
    rows = await tx.execute(
        text(f"""
            UPDATE capture.fetches SET claim = CAST(:claim AS uuid), claimed_until = :until,
                   tries = tries + 1
            WHERE submission_id IN (
                SELECT submission_id FROM capture.fetches
                WHERE kind = :kind AND source = :source AND done_at IS NULL AND due_at <= :now
                  AND readable_until > :now
                  AND (claimed_until IS NULL OR claimed_until <= :now)
                  AND NOT place = ANY(CAST(:but AS text[]))
                  AND (CAST(:only AS text) IS NULL OR place = :only)
                  AND (CAST(:newer_than AS timestamptz) IS NULL OR noted_at > :newer_than)
                ORDER BY suspect, (tries > 0), noted_at DESC, submission_id
                LIMIT :most FOR UPDATE SKIP LOCKED)
            RETURNING {_COLUMNS}
        """),  # noqa: S608 - a constant
        {
            "claim": by.token,
            "until": by.until,
            "now": by.now,
            "kind": pace.kind,
            "source": pace.source,
            **which._asdict(),
            "but": list(which.but),
        },
    )
    return [_read(row) for row in rows]


async def lapsed(tx: Transaction, now: datetime, most: int) -> list[tuple[str, str, str]]:
    """Submission, kind and source of what the platform gives out no longer."""
    rows = await tx.execute(
        text("""
            SELECT CAST(submission_id AS text), kind, source FROM capture.fetches
            WHERE done_at IS NULL AND readable_until <= :now
            ORDER BY readable_until LIMIT :most
        """),
        {"now": now, "most": most},
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def lock_fetch(tx: Transaction, submission_id: str, token: str | None) -> Fetching | None:
    """One that is not done, locked: with a token only while its claim is that one."""
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM capture.fetches
            WHERE submission_id = CAST(:id AS uuid) AND done_at IS NULL
              AND (CAST(:token AS uuid) IS NULL OR claim = CAST(:token AS uuid))
            FOR UPDATE
        """),  # noqa: S608 - a constant
        {"id": submission_id, "token": token},
    )
    row = rows.first()
    return _read(row) if row else None


async def put_off(tx: Transaction, fetching: Fetching, due_at: datetime, error: str) -> None:
    """Try it again then; its claim is over."""
    await tx.execute(
        text("""
            UPDATE capture.fetches SET due_at = :due_at, error = :error, tries = :tries,
                   missing = :missing, denied = :denied, claim = NULL, claimed_until = NULL
            WHERE submission_id = CAST(:id AS uuid)
        """),
        {
            "denied": fetching.denied,
            "id": fetching.submission_id,
            "due_at": due_at,
            "error": error[:200],
            "tries": fetching.tries,
            "missing": fetching.missing,
        },
    )


async def finish(
    tx: Transaction, submission_id: str, now: datetime, error: str | None, told: str | None = None
) -> None:
    """It is over for good: the row stays as its key, without what it held.

    `told` is the digest of what was told of a record, for others that are of it.
    """
    await tx.execute(
        text("""
            UPDATE capture.fetches SET done_at = :now, error = :error, captured = NULL, item = '',
                   claim = NULL, claimed_until = NULL, told = CAST(:told AS text)
            WHERE submission_id = CAST(:id AS uuid)
        """),
        {"id": submission_id, "now": now, "error": error, "told": told},
    )


async def bring_forward(
    tx: Transaction, pace: Pace, place: str, now: datetime, *, resumed: bool
) -> None:
    """The platform answers again: what was put off is due at once, once.

    What fails even then does so by itself: it keeps its own back-off, and is blamed on nobody.
    Who was denied is freed by its own form or page, or by the source as a whole. Nobody is waited
    for, as a fetch is locked by now: with the source locked, only a slice that ends it has a row.
    """
    await tx.execute(
        text("""
            UPDATE capture.fetches
            SET due_at = CASE WHEN missing = 0 THEN least(due_at, :now) ELSE due_at END,
                tries = 0, suspect = true
            WHERE submission_id IN (
                SELECT submission_id FROM capture.fetches
                WHERE kind = :kind AND source = :source AND done_at IS NULL AND NOT suspect
                  AND error IS NOT NULL AND (NOT denied OR place = :place OR :resumed)
                FOR UPDATE SKIP LOCKED)
        """),
        {
            "now": now,
            "kind": pace.kind,
            "source": pace.source,
            "place": place,
            "resumed": resumed,
        },
    )


async def absolve(tx: Transaction, pace: Pace, now: datetime) -> None:
    """It was not the leads' own fault that they were denied: nothing of it counts.

    As for `bring_forward`, nobody is waited for.
    """
    await tx.execute(
        text("""
            UPDATE capture.fetches SET missing = 0, tries = 0, due_at = :now
            WHERE submission_id IN (
                SELECT submission_id FROM capture.fetches
                WHERE kind = :kind AND source = :source AND done_at IS NULL AND denied
                  AND NOT suspect AND (place = :place OR :place = '')
                FOR UPDATE SKIP LOCKED)
        """),
        {"now": now, "kind": pace.kind, "source": pace.source, "place": pace.place},
    )


def _read(row: Row) -> Fetching:
    captured = msgspec.json.decode(row["captured"], type=LeadCaptured)
    return Fetching(**{**row, "captured": captured})


def _json(captured: LeadCaptured) -> str:
    return msgspec.json.encode(msgspec.structs.replace(captured, raw=b"")).decode()
