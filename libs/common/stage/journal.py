"""The journal: what each event led to, kept in the transaction that applied it.

With it a stage needs no outbox relay: a redelivered event finds its row, and the same answers
are published again (docs/decisions/0003-journal-instead-of-outbox.md). It also holds how far
each partition is done and how often an event has failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from typing import NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.columns import listed
from libs.common.database.statements import text
from libs.common.events import Event
from libs.common.log import Partition, Record

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Record])


class Entry(NamedTuple):
    """One journal row: the event's id and day, what came of it, and the records it answers."""

    event_id: str
    day: date
    outcome: str
    """`done` or `dead`."""
    round: int
    answers: tuple[Record, ...]


def day_of(event: Event) -> date:
    """The journal partition of an event: the UTC day of its own time, the same at every repeat."""
    return (event.time if event.time.tzinfo is UTC else event.time.astimezone(UTC)).date()


class Journal:
    """The journal of one schema."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def locking(self, partitions: Iterable[Partition]) -> str:
        """The statement that makes a transaction the only one at work on these (rule 5).

        Sorted, so that two slices cannot wait for each other; a statement of its own, so that
        the look-up that follows sees what the one before committed.
        """
        names = sorted(f"{self.schema}/{p.topic}/{p.number:05d}" for p in partitions)
        quoted = ", ".join("'{}'".format(name.replace("'", "''")) for name in names)
        return f"""
            SELECT pg_advisory_xact_lock(hashtextextended(name, 5))
            FROM unnest(ARRAY[{quoted}]) AS name
        """

    async def begin(
        self,
        tx: Transaction,
        events: Sequence[Event],
        ends: Mapping[Partition, int],
        published: Sequence[tuple[str, date]],
    ) -> dict[str, Entry]:
        """The rows of those events that have been answered already.

        In the same statement the next offset of each partition is stored (rule 6), and that the
        log has acknowledged the answers of the rows `published`: both are known beforehand, and
        hold only if all that follows does.
        """
        rows = await tx.execute(
            text(f"""
                WITH noted AS (
                    UPDATE {self.schema}.journal j SET published_at = clock_timestamp()
                    FROM unnest(CAST(CAST(:noted AS text) AS uuid[]),
                                CAST(CAST(:noted_days AS text) AS date[])) AS done (id, day)
                    WHERE j.event_id = done.id AND j.day = done.day AND j.published_at IS NULL
                ), moved AS (
                    INSERT INTO {self.schema}.positions (topic, part, next)
                    SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:parts AS int[]),
                                         CAST(:nexts AS bigint[]))
                    ON CONFLICT (topic, part) DO UPDATE SET next = excluded.next
                )
                SELECT j.event_id, j.day, j.outcome, j.round, j.answers
                FROM unnest(CAST(CAST(:ids AS text) AS uuid[]),
                            CAST(CAST(:days AS text) AS date[])) AS wanted (id, day)
                JOIN {self.schema}.journal j ON j.event_id = wanted.id AND j.day = wanted.day
            """),
            {
                "ids": listed(event.id for event in events),
                "days": listed(map(day_of, events)),
                "noted": listed(id_ for id_, _day in published),
                "noted_days": listed(day for _id, day in published),
                **_columns(ends),
            },
        )
        return {
            str(row.event_id): Entry(
                str(row.event_id), row.day, row.outcome, row.round, _decoded(row.answers)
            )
            for row in rows
        }

    async def taken(self, tx: Transaction, causes: Sequence[str]) -> set[str]:
        """Those inputs of our own that were answered before; waits for whoever is at one now."""
        await tx.execute(
            text("""
                SELECT pg_advisory_xact_lock(hashtextextended(name, 5))
                FROM unnest(CAST(:names AS text[])) AS name
            """),
            {"names": sorted(f"{self.schema}/{cause}" for cause in causes)},
        )
        rows = await tx.execute(
            text(f"""
                SELECT CAST(event_id AS text) FROM {self.schema}.journal
                WHERE event_id = ANY (CAST(:ids AS uuid[]))
            """),
            {"ids": list(causes)},
        )
        return set(rows.scalars())

    async def write(
        self, tx: Transaction, entries: Sequence[Entry], *, are_appended: bool = False
    ) -> None:
        """Keep what the events led to. A replayed dead row becomes what it led to now.

        Answers that are appended to the log in this transaction are not kept here as well.
        """
        if not entries:
            return
        await tx.execute(
            text(f"""
                INSERT INTO {self.schema}.journal
                    (event_id, day, outcome, round, answers, published_at)
                SELECT id, day, outcome, round, answers,
                       CASE WHEN answers IS NULL THEN clock_timestamp() END
                FROM unnest(CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:days AS text) AS date[]),
                            CAST(CAST(:outcomes AS text) AS text[]),
                            CAST(CAST(:rounds AS text) AS int[]), CAST(:answers AS bytea[]))
                     AS t (id, day, outcome, round, answers)
                ON CONFLICT (event_id, day) DO UPDATE SET
                    outcome = excluded.outcome, round = excluded.round,
                    answers = excluded.answers, published_at = excluded.published_at,
                    at = clock_timestamp()
            """),
            {
                "ids": listed(entry.event_id for entry in entries),
                "days": listed(entry.day for entry in entries),
                "outcomes": listed(entry.outcome for entry in entries),
                "rounds": listed(entry.round for entry in entries),
                # an empty column is NULL in every row
                "answers": []
                if are_appended
                else [_ENCODER.encode(e.answers) if e.answers else None for e in entries],
            },
        )

    async def published(self, tx: Transaction, keys: Sequence[tuple[str, date]]) -> None:
        """Note that the log has acknowledged the answers of these rows."""
        if not keys:
            return
        await tx.execute(
            text(f"""
                UPDATE {self.schema}.journal j SET published_at = clock_timestamp()
                FROM unnest(CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:days AS text) AS date[]))
                     AS done (id, day)
                WHERE j.event_id = done.id AND j.day = done.day AND j.published_at IS NULL
            """),
            {"ids": listed(key[0] for key in keys), "days": listed(key[1] for key in keys)},
        )

    async def unpublished(self, tx: Transaction, older_than: float) -> list[Entry]:
        """Rows whose answers nobody has seen acknowledged for `older_than` seconds (rule 7)."""
        rows = await tx.execute(
            text(f"""
                SELECT event_id, day, outcome, round, answers FROM {self.schema}.journal
                WHERE published_at IS NULL
                  AND at < clock_timestamp() - make_interval(secs => :age)
                ORDER BY at LIMIT 200
            """),
            {"age": older_than},
        )
        return [
            Entry(str(row.event_id), row.day, row.outcome, row.round, _decoded(row.answers))
            for row in rows
        ]

    async def move(self, tx: Transaction, ends: Mapping[Partition, int]) -> None:
        """Store the next offset of each partition."""
        await tx.execute(
            text(f"""
                INSERT INTO {self.schema}.positions (topic, part, next)
                SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:parts AS int[]),
                                     CAST(:nexts AS bigint[]))
                ON CONFLICT (topic, part) DO UPDATE SET next = excluded.next
            """),
            _columns(ends),
        )

    async def positions(self, tx: Transaction) -> dict[Partition, int]:
        """The next offset of each partition, as this database remembers it."""
        rows = await tx.execute(text(f"SELECT topic, part, next FROM {self.schema}.positions"))
        return {Partition(row.topic, row.part): row.next for row in rows}

    async def failed(self, tx: Transaction, event_id: str) -> int:
        """Count one more failure of an event; call it in a transaction of its own."""
        rows = await tx.execute(
            text(f"""
                INSERT INTO {self.schema}.attempts (event_id, count) VALUES (CAST(:id AS uuid), 1)
                ON CONFLICT (event_id) DO UPDATE SET count = attempts.count + 1
                RETURNING count
            """),
            {"id": event_id},
        )
        return int(rows.scalar_one())

    async def forget_failures(self, tx: Transaction, event_id: str) -> None:
        """The event is settled, so its next life starts with a clean count."""
        await tx.execute(
            text(f"DELETE FROM {self.schema}.attempts WHERE event_id = CAST(:id AS uuid)"),
            {"id": event_id},
        )


def _columns(ends: Mapping[Partition, int]) -> dict[str, object]:
    return {
        "topics": [partition.topic for partition in ends],
        "parts": [partition.number for partition in ends],
        "nexts": list(ends.values()),
    }


def _decoded(answers: bytes | None) -> tuple[Record, ...]:
    return tuple(_DECODER.decode(answers)) if answers else ()
