"""Erasing: whose a submission is, what is left of them, and rows without what was in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from libs.common.events import Attribution, Contact, Event, LeadCaptured, Touch, derived_id
from services.enrichment.erase import Gone, Told
from services.enrichment.fold import Profile
from services.enrichment.identify import Identifier
from services.enrichment.late_scan import fact_of
from services.enrichment.normalise import normalise

_BARE: Final = """jsonb_build_object(
    'submission_id', s.captured -> 'submission_id', 'kind', s.captured -> 'kind',
    'source', s.captured -> 'source', 'source_kind', s.captured -> 'source_kind',
    'received_at', s.captured -> 'received_at', 'digest', '', 'raw', '')"""

_TOMBSTONES: Final = text("""
    INSERT INTO enrichment.submissions AS s (
        id, round, revision, event_id, digest, outcome, source, kind, received_at, changed_at,
        captured, contact, verified, notes, raw, content_type, config_version)
    SELECT id, round, 1, event_id, '', 'erased', source, kind, received_at, :now,
        CAST(captured AS jsonb), '{}', '{}', '[]', '', '', 0
    FROM unnest(CAST(:ids AS uuid[]), CAST(:rounds AS integer[]), CAST(:events AS uuid[]),
                CAST(:sources AS text[]), CAST(:kinds AS text[]),
                CAST(:received AS timestamptz[]), CAST(:captured AS text[]))
        AS given(id, round, event_id, source, kind, received_at, captured)
    ORDER BY id
    ON CONFLICT DO NOTHING
""")

_SUBMISSIONS: Final = """
    SELECT id, kind, source, received_at, round, outcome, person_id FROM enrichment.submissions
"""
_FIND: Final = text(f"{_SUBMISSIONS} WHERE id = CAST(:id AS uuid) FOR UPDATE")
_OF_PERSONS: Final = text(f"""{_SUBMISSIONS}
    WHERE person_id = ANY(CAST(:persons AS uuid[])) OR id = ANY(CAST(:nobodys AS uuid[]))
       OR id = ANY(ARRAY(SELECT submission_id FROM enrichment.visits
                         WHERE person_id = ANY(CAST(:persons AS uuid[]))))
    ORDER BY id FOR UPDATE
""")  # noqa: S608 - _SUBMISSIONS is a constant

_FAMILY: Final = text("""
    WITH RECURSIVE up AS (
        SELECT id, joined_into FROM enrichment.persons WHERE id = CAST(:person AS uuid)
        UNION
        SELECT p.id, p.joined_into FROM up JOIN enrichment.persons p ON p.id = up.joined_into
    ), family AS (
        SELECT id, 0 AS hops FROM up WHERE joined_into IS NULL
        UNION
        SELECT p.id, family.hops + 1
        FROM family JOIN enrichment.persons p ON p.joined_into = family.id
    )
    SELECT id FROM family ORDER BY hops, id
""")

_LOCK: Final = text("""
    SELECT id, profile::text AS profile, erased_at IS NOT NULL AS is_erased
    FROM enrichment.persons WHERE id = ANY(CAST(:persons AS uuid[])) ORDER BY id FOR UPDATE
""")

_IDENTIFIERS: Final = text("""
    SELECT kind, value FROM enrichment.identifiers
    WHERE person_id = ANY(CAST(:persons AS uuid[])) ORDER BY kind, value
""")

_TOLD: Final = text("""
    SELECT t.submission_id, t.kind, t.source, t.at, t.attribution::text AS attribution,
           s.received_at, s.contact::text AS contact, s.captured ->> 'source_kind' AS source_kind,
           s.captured ->> 'temperature' AS temperature,
           r.captured::text AS resent, coalesce(r.captured, s.captured) ->> 'message' AS message
    FROM enrichment.touches t
    JOIN enrichment.submissions s ON s.id = t.submission_id
    LEFT JOIN enrichment.resends r ON r.event_id = t.id
    WHERE t.person_id = ANY(CAST(:persons AS uuid[])) AND s.outcome <> 'erased'
    ORDER BY t.id
""")

_RESENT: Final = text("""
    SELECT event_id, captured ->> 'message' AS message FROM enrichment.resends
    WHERE submission_id = CAST(:id AS uuid) ORDER BY event_id
""")

_EMPTY: Final = (
    text(f"""
        UPDATE enrichment.submissions s SET
            outcome = 'erased', reason = NULL, digest = '', captured = {_BARE}, contact = '{{}}',
            verified = '{{}}', notes = '[]', raw = '', changed_at = :now
        WHERE s.id = ANY(CAST(:ids AS uuid[]))
    """),  # noqa: S608 - _BARE is a constant
    text("""
        DELETE FROM enrichment.touches
        WHERE person_id = ANY(CAST(:persons AS uuid[]))
          AND submission_id = ANY(CAST(:ids AS uuid[]))
    """),
    *(
        text(f"DELETE FROM enrichment.{table} WHERE submission_id = ANY(CAST(:ids AS uuid[]))")  # noqa: S608 - names from below
        for table in (
            "resends",
            "visits",
            "visit_keys",
            "carried",
            "unscanned",
            "scans",
            "candidates",
        )
    ),
)

_GIVE_BACK: Final = text("""
    UPDATE enrichment.identifiers i SET
        claimed_at = NULL, person_id = CASE
            WHEN i.first_person_id <> ALL(CAST(:persons AS uuid[])) THEN i.first_person_id END
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS given(kind, value)
    WHERE i.kind = given.kind AND i.value = given.value AND EXISTS (
        SELECT FROM enrichment.visit_keys k WHERE k.kind = i.kind AND k.value = i.value)
""")

_DROP_IDENTIFIERS: Final = text("""
    DELETE FROM enrichment.identifiers i
    USING unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS given(kind, value)
    WHERE i.kind = given.kind AND i.value = given.value AND NOT EXISTS (
        SELECT FROM enrichment.visit_keys k WHERE k.kind = i.kind AND k.value = i.value)
""")

_KEEP_PERSON: Final = text("""
    UPDATE enrichment.persons SET
        profile = CASE WHEN id = CAST(:person AS uuid) THEN CAST(:profile AS jsonb) ELSE '{}' END,
        version = version + 1, changed_at = :now
    WHERE id = ANY(CAST(:persons AS uuid[]))
    RETURNING id, version
""")

_ERASE_PERSONS: Final = (
    text("""
        UPDATE enrichment.persons SET
            profile = '{}', version = version + 1, changed_at = :now, erased_at = :now
        WHERE id = ANY(CAST(:persons AS uuid[]))
    """),
    text("""
        DELETE FROM enrichment.candidates
        WHERE person_a = ANY(CAST(:persons AS uuid[])) OR person_b = ANY(CAST(:persons AS uuid[]))
    """),
    text("""
        UPDATE enrichment.identifiers SET first_person_id = NULL
        WHERE first_person_id = ANY(CAST(:persons AS uuid[]))
    """),
)


class Standing(NamedTuple):
    """A submission as it is, locked."""

    gone: Gone
    is_erased: bool
    person_id: str | None


async def make_tombstones(tx: Transaction, withdrawn: Sequence[Event], now: datetime) -> None:
    """A row for each submission that has none; whoever writes its content at this moment waits."""
    given = [(event, event.data) for event in withdrawn if isinstance(event.data, LeadCaptured)]
    if given:
        await tx.execute(
            _TOMBSTONES,
            {
                "ids": [data.submission_id for _, data in given],
                "rounds": [event.round for event, _ in given],
                "events": [event.id for event, _ in given],
                "sources": [data.source for _, data in given],
                "kinds": [data.kind for _, data in given],
                "received": [data.received_at for _, data in given],
                "captured": [_json(data) for _, data in given],
                "now": now,
            },
        )


async def lock_submission(tx: Transaction, submission_id: str) -> Standing:
    """One that is there, if only as a tombstone."""
    return _standing(next(iter(await tx.execute(_FIND, {"id": submission_id}))))


async def lock_submissions(
    tx: Transaction, persons: Sequence[str], nobodys: Sequence[str] = ()
) -> list[Standing]:
    """All that are of these persons, and those named that are nobody's.

    Visits from before anybody was known are nobody's to those who heard of them then.
    """
    rows = await tx.execute(_OF_PERSONS, {"persons": list(persons), "nobodys": list(nobodys)})
    found = [_standing(row) for row in rows]
    return [one for one in found if one.person_id is None or one.person_id in persons]


def _standing(row: Row) -> Standing:
    gone = Gone(str(row.id), row.kind, row.source, row.received_at, row.round)
    return Standing(gone, row.outcome == "erased", str(row.person_id) if row.person_id else None)


async def family(tx: Transaction, person_id: str) -> list[str]:
    """Whoever that person is now, first, and all that were ever joined into it; none if unknown."""
    return [str(row.id) for row in await tx.execute(_FAMILY, {"person": person_id})]


async def lock_person(tx: Transaction, persons: Sequence[str]) -> Profile | None:
    """Lock a family; the profile of its first, None where that is erased."""
    for row in await tx.execute(_LOCK, {"persons": list(persons)}):
        if str(row.id) == persons[0] and not row.is_erased:
            return msgspec.json.decode(row.profile, type=Profile)
    return None


async def identifiers_of(tx: Transaction, persons: Sequence[str]) -> list[Identifier]:
    """The keys that are theirs, in order."""
    rows = await tx.execute(_IDENTIFIERS, {"persons": list(persons)})
    return [Identifier(row.kind, row.value) for row in rows]


async def told_of(tx: Transaction, persons: Sequence[str], country: str) -> list[Told]:
    """Their touches, each with what it brought."""
    return [_told(row, country) for row in await tx.execute(_TOLD, {"persons": list(persons)})]


def _told(row: Row, country: str) -> Told:
    contact = msgspec.json.decode(row.contact, type=Contact)
    if row.resent:
        contact = normalise(msgspec.json.decode(row.resent, type=LeadCaptured), country).contact
    touch = Touch(
        submission_id=str(row.submission_id),
        kind=row.kind,
        source=row.source,
        at=row.at,
        attribution=msgspec.json.decode(row.attribution, type=Attribution),
        received_at=row.received_at,
        temperature=row.temperature,
        message=row.message,
    )
    return Told(touch, contact, row.source_kind)


async def resends_of(tx: Transaction, submission_id: str) -> list[str]:
    """What was told of other bodies under its id: activities, and messages by their own ids."""
    rows = (await tx.execute(_RESENT, {"id": submission_id})).all()
    events = [str(row.event_id) for row in rows]
    told = [derived_id("resent", one) for one in events]
    return [*told, *map(fact_of, events), *(row.message for row in rows if row.message)]


async def empty(
    tx: Transaction, ids: Collection[str], persons: Sequence[str], now: datetime
) -> None:
    """Leave of these submissions of these persons their tombstones alone."""
    for statement in _EMPTY:
        await tx.execute(statement, {"ids": sorted(ids), "persons": list(persons), "now": now})


async def drop_identifiers(
    tx: Transaction, identifiers: Collection[Identifier], persons: Sequence[str]
) -> None:
    """No longer these persons': whoever brings one of them next is somebody new.

    A browser under which visits still wait for somebody else, who was known there first, is theirs
    again: nothing waits under an identifier that is absent.
    """
    ordered = sorted(identifiers)
    columns = {"kinds": [one.kind for one in ordered], "values": [one.value for one in ordered]}
    await tx.execute(_GIVE_BACK, columns | {"persons": list(persons)})
    await tx.execute(_DROP_IDENTIFIERS, columns)


async def keep_person(
    tx: Transaction, persons: Sequence[str], profile: Profile, now: datetime
) -> int:
    """The first of them as known now, the others without anything; its new version."""
    rows = await tx.execute(
        _KEEP_PERSON,
        {"person": persons[0], "persons": list(persons), "profile": _json(profile), "now": now},
    )
    return next(int(row.version) for row in rows if str(row.id) == persons[0])


async def erase_persons(tx: Transaction, persons: Sequence[str], now: datetime) -> None:
    """Leave of these persons their ids alone."""
    for statement in _ERASE_PERSONS:
        await tx.execute(statement, {"persons": list(persons), "now": now})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
