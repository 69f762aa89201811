"""All SQL of the scoring service: a constant number of statements for a slice of any size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.columns import listed, moments
from libs.common.database.rows import Row
from libs.common.database.statements import text
from libs.common.events import Score
from services.scoring.fact import Fact
from services.scoring.standing import Standing, Stored

MOST_FACTS: Final = 300
"""Facts of one person that are scored: submissions, then activities, then visits, the latest."""
MOST_DROPPED: Final = 2_000
"""Facts of one person that a slice lets go of: more than it can bring, and not without end."""


class Locked(NamedTuple):
    """Persons whose rows are held until the transaction ends, with whom each was joined into."""

    persons: Mapping[str, Stored]
    joined_into: Mapping[str, str]
    erased: frozenset[str]
    ended: frozenset[str]
    """Submissions that were erased."""
    made: frozenset[str]
    """Persons of whom nothing was known before."""


async def lock(tx: Transaction, persons: set[str], submissions: Iterable[str]) -> Locked:
    """Hold the rows of the persons and of those they were joined into, making absent ones.

    In order of id (delivery rule 12). Also says which of the submissions were erased.
    """
    values = {"persons": listed(sorted(persons)), "submissions": listed(submissions)}
    rows = (await tx.execute(_HOLD, values)).all()
    known = {str(row.id): row for row in rows if row.is_person}
    made = frozenset(persons - known.keys())
    return Locked(
        dict.fromkeys(made, Stored()) | {id_: _stored(row) for id_, row in known.items()},
        {id_: id_ for id_ in made}
        | {id_: str(row.joined_into or row.id) for id_, row in known.items()},
        frozenset(id_ for id_, row in known.items() if row.erased),
        frozenset(str(row.id) for row in rows if not row.is_person),
        made,
    )


_HOLD: Final = text("""
    SELECT id, joined_into, score, stage, temperature, erased, is_person
    FROM scoring.hold(CAST(CAST(:persons AS text) AS uuid[]),
                      CAST(CAST(:submissions AS text) AS uuid[]))
""")
_SCORE: Final = msgspec.json.Decoder(Score)


def _stored(row: Row) -> Stored:
    if row.score is None:
        return Stored()
    return Stored(_SCORE.decode(row.score), row.stage, row.temperature)


_MOVE_FACTS: Final = text("""
    UPDATE scoring.facts SET person_id = joined.survivor
    FROM unnest(CAST(:retired AS uuid[]), CAST(:survivors AS uuid[])) AS joined(retired, survivor)
    WHERE facts.person_id = joined.retired
""")
_MOVE_SUBMISSIONS: Final = text("""
    UPDATE scoring.submissions SET person_id = joined.survivor
    FROM unnest(CAST(:retired AS uuid[]), CAST(:survivors AS uuid[])) AS joined(retired, survivor)
    WHERE submissions.person_id = joined.retired
""")
_RETIRE: Final = text("""
    UPDATE scoring.persons SET joined_into = joined.survivor, changed_at = now()
    FROM unnest(CAST(:retired AS uuid[]), CAST(:survivors AS uuid[])) AS joined(retired, survivor)
    WHERE persons.person_id = joined.retired
""")


async def join(tx: Transaction, joined: Mapping[str, str]) -> None:
    """Move what is known of each retired person to the survivor, and point there for ever."""
    values = {"retired": list(joined), "survivors": list(joined.values())}
    for statement in (_MOVE_FACTS, _MOVE_SUBMISSIONS, _RETIRE):
        await tx.execute(statement, values)


_FORGET: Final = text("DELETE FROM scoring.facts WHERE person_id = ANY(CAST(:persons AS uuid[]))")
_ERASE: Final = text("""
    UPDATE scoring.persons SET erased = true, score = NULL, stage = 'iql', temperature = 'cold',
        changed_at = now()
    WHERE person_id = ANY(CAST(:persons AS uuid[]))
""")
_END: Final = text("""
    UPDATE scoring.submissions SET erased = true WHERE person_id = ANY(CAST(:persons AS uuid[]))
""")


async def erase_persons(tx: Transaction, persons: Iterable[str]) -> None:
    """Leave of locked persons, and of what came from them, their ids alone."""
    for statement in (_FORGET, _ERASE, _END):
        await tx.execute(statement, {"persons": sorted(persons)})


_FORGET_FACTS: Final = text("DELETE FROM scoring.facts WHERE fact_id = ANY(CAST(:ids AS text[]))")
_TOMBSTONES: Final = text("""
    INSERT INTO scoring.submissions (submission_id, person_id, at, erased)
    SELECT id, person, :at, true FROM unnest(CAST(:ids AS uuid[]), CAST(:persons AS uuid[]))
        AS gone(id, person) ORDER BY id
    ON CONFLICT (submission_id) DO UPDATE SET erased = true
""")
_ERASED: Final = text("""
    SELECT CAST(submission_id AS text) FROM scoring.submissions
    WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND erased
""")


async def erase_submissions(
    tx: Transaction, gone: Mapping[str, str], told: Iterable[str], at: datetime
) -> None:
    """Leave of submissions, each with its locked person, their ids; `told` are other facts."""
    await tx.execute(_FORGET_FACTS, {"ids": sorted({*gone, *told})})
    await tx.execute(_TOMBSTONES, {"ids": list(gone), "persons": list(gone.values()), "at": at})


async def erased_of(tx: Transaction, submissions: Collection[str]) -> set[str]:
    """Those that were erased."""
    if not submissions:
        return set()
    return set(await tx.scalars(_ERASED, {"ids": sorted(submissions)}))


_ADD: Final = text("""
    WITH noted AS (
        INSERT INTO scoring.submissions (submission_id, person_id, at)
        SELECT id, person, :at
        FROM unnest(CAST(CAST(:submissions AS text) AS uuid[]),
                    CAST(CAST(:owners AS text) AS uuid[])) AS new(id, person)
        ORDER BY id
        ON CONFLICT DO NOTHING
    )
    INSERT INTO scoring.facts (fact_id, person_id, kind, at, fields)
    SELECT id, person, kind, told.at, CAST(fields AS jsonb) FROM unnest(
        CAST(:ids AS text[]), CAST(CAST(:persons AS text) AS uuid[]),
        CAST(CAST(:kinds AS text) AS text[]), CAST(CAST(:times AS text) AS timestamptz[]),
        CAST(:fields AS text[])
    ) AS told(id, person, kind, at, fields) ORDER BY id
    ON CONFLICT DO NOTHING
    RETURNING fact_id
""")


async def add(
    tx: Transaction,
    facts: Sequence[tuple[str, Fact]],
    submissions: Mapping[str, str],
    at: datetime,
) -> set[str]:
    """Keep each (person, fact) and say which are new; the others stay as they were first told.

    With it, which submissions this service speaks for (the books), each with its person.
    """
    if not facts and not submissions:
        return set()
    added = await tx.scalars(
        _ADD,
        {
            "ids": [fact.id for _, fact in facts],
            "persons": listed(person for person, _ in facts),
            "kinds": listed(fact.kind for _, fact in facts),
            "times": moments(fact.at for _, fact in facts),
            "fields": [_json(fact.fields) for _, fact in facts],
            "submissions": listed(submissions),
            "owners": listed(submissions.values()),
            "at": at,
        },
    )
    return set(added)


_DROP: Final = text("""
    DELETE FROM scoring.facts WHERE fact_id IN (
        SELECT beyond.fact_id FROM unnest(CAST(:ids AS uuid[])) AS wanted(id)
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM (
                SELECT FROM scoring.facts f
                WHERE f.person_id = wanted.id AND f.weight = 0 LIMIT :most) AS first
        ) AS before
        CROSS JOIN LATERAL (
            SELECT fact_id FROM scoring.facts
            WHERE person_id = wanted.id AND weight > 0
            ORDER BY weight, at DESC, fact_id
            OFFSET :most - before.n LIMIT :at_once
        ) AS beyond
    )
""")


async def drop_unscored(tx: Transaction, persons: Iterable[str]) -> None:
    """Keep of the persons' activities and visits none that MOST_FACTS others stand before.

    Whoever comes to know a visitor id may post without end under it; a join moves what is kept.
    """
    ids = sorted(persons)
    if ids:
        await tx.execute(_DROP, {"ids": ids, "most": MOST_FACTS, "at_once": MOST_DROPPED})


_FACTS: Final = text("""
    SELECT chosen.fact_id, CAST(wanted.id AS text) AS person_id, chosen.kind, chosen.at,
           CAST(chosen.fields AS text) AS fields
    FROM unnest(CAST(:ids AS uuid[])) AS wanted(id)
    CROSS JOIN LATERAL (
        SELECT fact_id, kind, at, fields FROM scoring.facts
        WHERE person_id = wanted.id
        ORDER BY weight, at DESC, fact_id
        LIMIT :most
    ) AS chosen
""")


async def facts_of(tx: Transaction, persons: Iterable[str]) -> dict[str, list[Fact]]:
    """What happened to each person, in no order; the latest MOST_FACTS of it."""
    ids = sorted(persons)
    if not ids:
        return {}
    rows = await tx.execute(_FACTS, {"ids": ids, "most": MOST_FACTS})
    found: dict[str, list[Fact]] = {person: [] for person in ids}
    for row in rows:
        fields = msgspec.json.decode(row.fields)
        found[row.person_id].append(Fact(row.fact_id, row.kind, row.at, fields))
    return found


_SAVE: Final = text("""
    UPDATE scoring.persons SET
        version = new.version, score = CAST(new.score AS jsonb), stage = new.stage,
        temperature = new.temperature, config_version = :config, changed_at = now()
    FROM unnest(
        CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:versions AS text) AS bigint[]),
        CAST(:scores AS text[]), CAST(CAST(:stages AS text) AS text[]),
        CAST(CAST(:temperatures AS text) AS text[])
    ) AS new(id, version, score, stage, temperature)
    WHERE persons.person_id = new.id
""")


async def save(tx: Transaction, standings: Mapping[str, Standing], config: int) -> None:
    """Write the new standings of persons that are held, and which configuration made them."""
    if not standings:
        return
    new = list(standings.values())
    await tx.execute(
        _SAVE,
        {
            "ids": listed(standings),
            "versions": listed(standing.score.version for standing in new),
            "scores": [_json(standing.score) for standing in new],
            "stages": listed(standing.stage for standing in new),
            "temperatures": listed(standing.temperature for standing in new),
            "config": config,
        },
    )


def _json(value: object) -> str:
    """As JSON text without NUL, which Postgres cannot keep."""
    return _encode(value).decode().replace("\\u0000", "\\ufffd")


_encode: Final = msgspec.json.Encoder().encode
