"""Visits that nobody is known for yet, under the keys by which somebody may become known.

Their rows are locked after persons, and the identifiers above them are held by whoever writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Attribution, LeadCaptured
from services.enrichment.dedupe import Visit
from services.enrichment.identify import Identifier
from services.enrichment.visits import Scan, Waiting


class Day(NamedTuple):
    """A person's visits of one day, in UTC."""

    person_id: str
    date: date


_SCANS: Final = text("""
    SELECT token, submission_id, at, attribution::text AS attribution
    FROM enrichment.scans WHERE token = ANY(CAST(:tokens AS text[]))
""")

_SAVE_SCANS: Final = text("""
    INSERT INTO enrichment.scans (token, submission_id, at, attribution)
    SELECT token, submission_id, at, CAST(attribution AS jsonb)
    FROM unnest(CAST(:tokens AS text[]), CAST(:submissions AS uuid[]),
                CAST(:ats AS timestamptz[]), CAST(:attributions AS text[]))
        AS given(token, submission_id, at, attribution)
    ORDER BY token COLLATE "C"
    ON CONFLICT DO NOTHING
""")

_SAVE: Final = text("""
    INSERT INTO enrichment.visits (submission_id, at, person_id)
    SELECT submission_id, at, person_id
    FROM unnest(CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[]), CAST(:persons AS uuid[]))
        AS given(submission_id, at, person_id)
    ORDER BY submission_id
    ON CONFLICT DO NOTHING
""")

_COUNT: Final = text("""
    SELECT given.person, given.day, (
        SELECT count(*) FROM (
            SELECT FROM enrichment.visits v
            WHERE v.person_id = given.person
              AND v.at >= CAST(given.day AS timestamp) AT TIME ZONE 'UTC'
              AND v.at < CAST(given.day + 1 AS timestamp) AT TIME ZONE 'UTC'
            LIMIT :most) AS counted
    ) AS n
    FROM unnest(CAST(:persons AS uuid[]), CAST(:days AS date[])) AS given(person, day)
""")

_SAVE_KEYS: Final = text("""
    INSERT INTO enrichment.visit_keys (kind, value, submission_id, at)
    SELECT kind, value, submission_id, at
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[]), CAST(:ids AS uuid[]),
                CAST(:ats AS timestamptz[])) AS given(kind, value, submission_id, at)
    ORDER BY kind COLLATE "C", value COLLATE "C", submission_id
    ON CONFLICT DO NOTHING
""")

_FOLLOW: Final = text("""
    INSERT INTO enrichment.visit_keys (kind, value, submission_id, at)
    SELECT given.kind, given.value, v.submission_id, v.at
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[]), CAST(:tokens AS text[]))
        AS given(kind, value, token)
    JOIN enrichment.scans s ON s.token = given.token
    JOIN enrichment.visits v ON v.submission_id = s.submission_id AND v.person_id IS NULL
    ORDER BY given.kind COLLATE "C", given.value COLLATE "C", v.submission_id
    FOR SHARE OF v
    ON CONFLICT DO NOTHING
""")
"""The scan stays nobody's until its key is there: who takes it meanwhile waits, and deletes it."""

_KNOWN: Final = text("""
    SELECT submission_id, person_id FROM enrichment.visits
    WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND person_id IS NOT NULL
""")

_WAITING: Final = text("""
    SELECT given.kind, given.value, v.submission_id, s.captured::text AS captured
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS given(kind, value)
    CROSS JOIN LATERAL (
        SELECT k.submission_id FROM enrichment.visit_keys k
        WHERE k.kind = given.kind AND k.value = given.value
        ORDER BY k.at DESC LIMIT :most
    ) AS latest
    JOIN enrichment.visits v ON v.submission_id = latest.submission_id
    JOIN enrichment.submissions s ON s.id = v.submission_id
    WHERE v.person_id IS NULL
    ORDER BY v.at DESC, v.submission_id LIMIT :most
    FOR UPDATE OF v
""")

_TAKEN: Final = text("""
    WITH gone AS (
        DELETE FROM enrichment.visit_keys WHERE submission_id = ANY(CAST(:ids AS uuid[]))
    )
    UPDATE enrichment.visits v SET person_id = given.person_id
    FROM unnest(CAST(:ids AS uuid[]), CAST(:persons AS uuid[])) AS given(submission_id, person_id)
    WHERE v.submission_id = given.submission_id
""")

_FIRST_OF: Final = text("""
    WITH RECURSIVE family AS (
        SELECT id FROM enrichment.persons WHERE id = CAST(:person AS uuid)
        UNION
        SELECT p.id FROM family JOIN enrichment.persons p ON p.joined_into = family.id
    )
    SELECT i.kind, i.value
    FROM family JOIN enrichment.identifiers i ON i.first_person_id = family.id
    WHERE EXISTS (SELECT FROM enrichment.visit_keys k WHERE k.kind = i.kind AND k.value = i.value)
    ORDER BY i.kind, i.value LIMIT 1000
""")


async def find_scans(tx: Transaction, tokens: Iterable[str]) -> dict[str, Scan]:
    """The scans of those tokens that are of any."""
    wanted = sorted(set(tokens))
    if not wanted:
        return {}
    rows = await tx.execute(_SCANS, {"tokens": wanted})
    return {
        row.token: Scan(
            row.token,
            str(row.submission_id),
            row.at,
            msgspec.json.decode(row.attribution, type=Attribution),
        )
        for row in rows
    }


async def save_scans(tx: Transaction, scans: Sequence[Scan]) -> None:
    """Keep what each token stands for; the first scan under it stays."""
    if scans:
        await tx.execute(
            _SAVE_SCANS,
            {
                "tokens": [scan.token for scan in scans],
                "submissions": [scan.submission_id for scan in scans],
                "ats": [scan.at for scan in scans],
                "attributions": [msgspec.json.encode(s.attribution).decode() for s in scans],
            },
        )


async def known(tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """Persons of those visits that are somebody's."""
    if not ids:
        return {}
    rows = await tx.execute(_KNOWN, {"ids": list(ids)})
    return {str(row.submission_id): str(row.person_id) for row in rows}


async def save(tx: Transaction, visits: Mapping[str, datetime], persons: Mapping[str, str]) -> None:
    """Note visits with their times, and whose each is if that is known. One there stays."""
    if visits:
        ids = list(visits)
        owners = [persons.get(id_) for id_ in ids]
        await tx.execute(_SAVE, {"ids": ids, "ats": list(visits.values()), "persons": owners})


async def count(tx: Transaction, days: Iterable[Day], most: int) -> dict[Day, int]:
    """How many visits are known of each person and day, up to `most`."""
    wanted = sorted(days)
    if not wanted:
        return {}
    columns = {"persons": [day.person_id for day in wanted], "days": [day.date for day in wanted]}
    rows = await tx.execute(_COUNT, columns | {"most": most})
    return {Day(str(row.person), row.day): int(row.n) for row in rows}


async def wait(tx: Transaction, visits: Sequence[Visit], ats: Mapping[str, datetime]) -> None:
    """Keep visits of nobody under their keys; a scan that led to one waits under those too."""
    keys = [(i, v.submission_id, ats[v.submission_id]) for v in visits for i in v.identifiers]
    if keys:
        await tx.execute(
            _SAVE_KEYS,
            {
                "kinds": [identifier.kind for identifier, _id, _at in keys],
                "values": [identifier.value for identifier, _id, _at in keys],
                "ids": [id_ for _identifier, id_, _at in keys],
                "ats": [at for _identifier, _id, at in keys],
            },
        )
    led = {(*i, v.scan.value) for v in visits if v.scan and not v.is_scan for i in v.identifiers}
    if led:
        kinds, values, tokens = zip(*sorted(led), strict=True)
        columns = {"kinds": list(kinds), "values": list(values), "tokens": list(tokens)}
        await tx.execute(_FOLLOW, columns)


async def waiting(tx: Transaction, identifiers: Iterable[Identifier], most: int) -> list[Waiting]:
    """The latest visits of nobody under those keys, locked; the latest first."""
    ordered = sorted(set(identifiers))
    if not ordered:
        return []
    rows = await tx.execute(
        _WAITING,
        {"kinds": [i.kind for i in ordered], "values": [i.value for i in ordered], "most": most},
    )
    return [
        Waiting(
            Identifier(row.kind, row.value),
            msgspec.json.decode(row.captured, type=LeadCaptured),
        )
        for row in rows
    ]


async def take(tx: Transaction, persons: Mapping[str, str]) -> None:
    """Give waiting visits to persons, by submission."""
    if persons:
        await tx.execute(_TAKEN, {"ids": list(persons), "persons": list(persons.values())})


async def first_of(tx: Transaction, person_id: str) -> list[Identifier]:
    """The keys under which visits still wait for a person who is known by now."""
    rows = await tx.execute(_FIRST_OF, {"person": person_id})
    return [Identifier(row.kind, row.value) for row in rows]
