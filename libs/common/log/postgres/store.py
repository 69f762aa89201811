"""All SQL of the log in Postgres, beside its functions (libs/common/log/migrations)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple, Protocol

from libs.common.database import Transaction
from libs.common.database.columns import listed
from libs.common.database.pool import Pool
from libs.common.database.statements import text
from libs.common.log.postgres.connections import Writer

CHANNEL: Final = "sarnakh_log"
STILL_SECONDS: Final = 5.0
"""So long a transaction that has appended may stand still before its commit: its lanes wait."""


class Row(NamedTuple):
    """A record on its way into a lane."""

    lane: int
    key: bytes
    value: bytes
    headers: bytes


class Given(NamedTuple):
    """A lane that a member holds, and how far its group has come."""

    lane: int
    topic: str
    number: int
    epoch: int
    committed: int


class Found(Protocol):
    """A record as it lies in a lane: a row, whose columns are read by place, half a µs quicker."""

    def __getitem__(self, place: int) -> Any:
        """Lane, offset, key, value, headers, when it was appended."""
        ...


class Lag(NamedTuple):
    """How much of a lane a group has not committed."""

    topic: str
    number: int
    records: int


async def create_topics(pool: Pool, names: Sequence[str], partitions: int) -> None:
    """Make the lanes that are absent, in the same order whoever does it."""
    await pool.run(
        text("""
            INSERT INTO log.lanes (topic, number)
            SELECT topic, number
            FROM unnest(CAST(:names AS text[])) AS topic,
                 generate_series(0, CAST(:partitions AS int) - 1) AS number
            WHERE NOT EXISTS (SELECT 1 FROM log.lanes l WHERE l.topic = topic.topic)
            ORDER BY topic, number
            ON CONFLICT DO NOTHING
        """),
        {"names": list(names), "partitions": partitions},
    )


async def lanes(pool: Pool, names: Sequence[str]) -> Mapping[tuple[str, int], int]:
    """The lanes of the topics, by topic and number."""
    rows = await pool.run(
        text("SELECT topic, number, id FROM log.lanes WHERE topic = ANY (CAST(:names AS text[]))"),
        {"names": list(names)},
    )
    return {(row.topic, row.number): row.id for row in rows}


async def append(writer: Writer, rows: Sequence[Row]) -> None:
    """Append all or nothing, in this order in each lane."""
    await writer.execute(
        "SELECT log.append($1::text::int[], $2::bytea[], $3::bytea[], $4::bytea[])",
        listed(row.lane for row in rows),
        [row.key for row in rows],
        [row.value for row in rows],
        [row.headers for row in rows],
    )


async def append_within(tx: Transaction, rows: Sequence[Row]) -> None:
    """The same as the last statement of a transaction, which is to be committed at once.

    Where its process stands still before that, it is given up after `STILL_SECONDS`.
    """
    await tx.execute(
        text("""
            SELECT log.append(CAST(CAST(:lanes AS text) AS int[]), CAST(:keys AS bytea[]),
                              CAST(:values AS bytea[]), CAST(:headers AS bytea[])),
                   set_config('idle_in_transaction_session_timeout', :still, true)
        """),
        {
            "lanes": listed(row.lane for row in rows),
            "keys": [row.key for row in rows],
            "values": [row.value for row in rows],
            "headers": [row.headers for row in rows],
            "still": str(int(1000 * STILL_SECONDS)),
        },
    )


async def fetch(
    pool: Pool, nexts: Mapping[int, int], most: int, most_bytes: int
) -> Sequence[Found]:
    """Records from `nexts` (by lane) on, lane after lane, within both budgets."""
    rows = await pool.run(
        text("""
            SELECT lane, "offset", key, value, headers, appended_at
            FROM log.fetch(CAST(:lanes AS int[]), CAST(:nexts AS bigint[]),
                           CAST(:most AS int), CAST(:most_bytes AS bigint))
        """),
        {
            "lanes": list(nexts),
            "nexts": list(nexts.values()),
            "most": most,
            "most_bytes": most_bytes,
        },
    )
    return rows.all()


async def hold(
    pool: Pool, group: str, member: str, topics: Sequence[str], lease: float
) -> list[Given]:
    """Be a live member for `lease` seconds more; what it holds from now on."""
    rows = await pool.run(
        text("""
            SELECT lane, topic, number, epoch, committed
            FROM log.hold(CAST(:group AS text), CAST(:member AS uuid),
                          CAST(:topics AS text[]), CAST(:lease AS interval))
        """),
        {
            "group": group,
            "member": member,
            "topics": list(topics),
            "lease": timedelta(seconds=lease),
        },
    )
    return [Given(*row) for row in rows]


async def leave(pool: Pool, group: str, member: str) -> None:
    """Let go of all lanes at once, so that others need not wait for the lease to end."""
    await pool.run(
        text("SELECT log.leave(CAST(:group AS text), CAST(:member AS uuid))"),
        {"group": group, "member": member},
    )


async def commit(pool: Pool, group: str, member: str, given: tuple[int, int], offset: int) -> bool:
    """Store the offset of `given` (lane, epoch) if it is held under that epoch (rule 22)."""
    rows = await pool.run(
        text("""
            UPDATE log.positions SET committed = greatest(committed, :offset)
            WHERE group_name = :group AND lane = :lane
              AND owner = CAST(:member AS uuid) AND epoch = :epoch
            RETURNING 1
        """),
        {
            "group": group,
            "member": member,
            "lane": given[0],
            "epoch": given[1],
            "offset": offset,
        },
    )
    return rows.first() is not None


async def commit_all(
    pool: Pool, group: str, member: str, offsets: Mapping[tuple[int, int], int]
) -> set[int]:
    """The same for several (lane, epoch); the lanes that are held. Locked ascending."""
    rows = await pool.run(
        text("""
            WITH held AS (
                SELECT p.lane, done.next
                FROM unnest(CAST(:lanes AS int[]), CAST(:epochs AS bigint[]),
                            CAST(:nexts AS bigint[])) AS done (lane, epoch, next)
                JOIN log.positions p ON p.group_name = :group AND p.lane = done.lane
                WHERE p.owner = CAST(:member AS uuid) AND p.epoch = done.epoch
                ORDER BY p.lane FOR UPDATE OF p
            )
            UPDATE log.positions p SET committed = greatest(p.committed, held.next)
            FROM held WHERE p.group_name = :group AND p.lane = held.lane
            RETURNING p.lane
        """),
        {
            "group": group,
            "member": member,
            "lanes": [lane for lane, _epoch in offsets],
            "epochs": [epoch for _lane, epoch in offsets],
            "nexts": list(offsets.values()),
        },
    )
    return set(rows.scalars())


async def ends(pool: Pool, wanted: Sequence[int]) -> Mapping[int, int]:
    """The next offset of each lane."""
    rows = await pool.run(
        text("SELECT id, next FROM log.lanes WHERE id = ANY (CAST(:lanes AS int[]))"),
        {"lanes": list(wanted)},
    )
    return {row.id: row.next for row in rows}


async def lags(pool: Pool, group: str, topics: Sequence[str]) -> list[Lag]:
    """What the group has not committed, of every lane of the topics."""
    rows = await pool.run(
        text("""
            SELECT l.topic, l.number, l.next - greatest(coalesce(p.committed, 0), l.first)
            FROM log.lanes l
            LEFT JOIN log.positions p ON p.lane = l.id AND p.group_name = :group
            WHERE l.topic = ANY (CAST(:topics AS text[]))
        """),
        {"group": group, "topics": list(topics)},
    )
    return [Lag(*row) for row in rows]


async def spans(pool: Pool, topics: Sequence[str]) -> dict[tuple[str, int], range]:
    """The offsets of every lane of the topics."""
    rows = await pool.run(
        text("""
            SELECT topic, number, first, next FROM log.lanes
            WHERE topic = ANY (CAST(:topics AS text[]))
        """),
        {"topics": list(topics)},
    )
    return {(row.topic, row.number): range(row.first, row.next) for row in rows}


async def unread(pool: Pool, prefix: str) -> int:
    """Records that some group that reads their topic, or nobody at all, has not committed."""
    rows = await pool.run(
        text("""
            SELECT coalesce(sum(l.next - greatest(coalesce(p.least, 0), l.first)), 0)
            FROM log.lanes l
            LEFT JOIN (SELECT lane, min(committed) AS least FROM log.positions
                       GROUP BY lane) AS p ON p.lane = l.id
            WHERE starts_with(l.topic, :prefix)
        """),
        {"prefix": prefix},
    )
    return int(rows.scalar_one())


async def notify(writer: Writer, message: str) -> None:
    """Tell other processes, in a transaction of its own (rule 23)."""
    await writer.execute("SELECT pg_notify($1, $2)", CHANNEL, message)


async def is_there(pool: Pool) -> bool:
    """Whether this database has a log at all."""
    rows = await pool.run(text("SELECT to_regclass('log.lanes') IS NOT NULL"))
    return bool(rows.scalar_one())
