"""Messages that hang on no lead, of whatever kind: claimed, begun and settled (delivery rule 20).

Each kind has a table of its own with the same columns for that, so that a process that does not
know of a kind leaves its messages alone. Times are the database's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.messages.settlement import Settlement


class Apart(Protocol):
    """What all kinds have in common."""

    @property
    def id(self) -> str:
        """Of the message: the same at every attempt."""
        ...

    @property
    def channel(self) -> str:
        """By which it goes."""
        ...

    @property
    def address(self) -> str:
        """Where to."""
        ...

    @property
    def attempts(self) -> int:
        """How often it was tried, this time counted."""
        ...


M = TypeVar("M", bound=Apart)


class Claimed(NamedTuple, Generic[M]):
    """A message that is ours to send until its deadline."""

    one: M
    is_stopped: bool
    """Its receiver wanted nothing more under this version of the configuration."""
    at: datetime
    """When it was claimed, by the database's clock."""


class Lapsed(NamedTuple, Generic[M]):
    """A claim that was not settled in time: its sender is dead or stuck."""

    one: M
    claim: str
    begun: bool


ROUTE: Final = {
    "id": "uuid",
    "recipient": "text",
    "team": "text",
    "channel": "text",
    "address": "text",
    "planned_at": "timestamptz",
}
"""What every message of a source is planned with, besides what it tells."""


class Kept(NamedTuple):
    """Where messages of a kind are kept, as `a`."""

    table: str
    columns: str
    """What a message is read from."""
    joined: str = "(SELECT) AS alone"
    """What stands beside it."""
    on: str = "true"
    """How that belongs to it."""
    settled: str = ""
    """What is set besides when one is settled; :may_be_read says how sure the attempt's end is."""
    first: str = ""
    """What is locked before one (:id) is settled."""
    planned: Mapping[str, str] = MappingProxyType({})
    """The columns that the stage plans one with, each with its type."""


_STOPPED: Final = """EXISTS (
    SELECT FROM routing.stopped_routes s
    WHERE s.channel = a.channel AND s.address = a.address AND s.config_version = :config_version)"""


class Claims(Generic[M]):
    """The claims of one kind."""

    def __init__(self, kept: Kept, read: Callable[[Row], M]) -> None:
        self._read = read
        self._planned = kept.planned
        self._first = text(kept.first) if kept.first else None
        # all that is put in is constants of the kinds' own
        self._claim = text(f"""
            UPDATE {kept.table} a
            SET state = 'sending', claim = CAST(:token AS uuid), begun = false, error = NULL,
                attempts = a.attempts + CASE WHEN {_STOPPED} THEN 0 ELSE 1 END,
                deadline = clock_timestamp() + make_interval(secs => coalesce((
                    SELECT seconds FROM unnest(CAST(:channels AS text[]), CAST(:leases AS float[]))
                        AS known (channel, seconds) WHERE known.channel = a.channel), 10))
            FROM {kept.joined}
            WHERE {kept.on} AND a.id = ANY (ARRAY(
                SELECT id FROM {kept.table}
                WHERE state = 'planned' AND next_at <= clock_timestamp()
                ORDER BY next_at, id LIMIT :most FOR UPDATE SKIP LOCKED))
            RETURNING {kept.columns}, {_STOPPED} AS is_stopped, clock_timestamp() AS at
        """)  # noqa: S608 - constants
        named = ", ".join(kept.planned)
        lists = ", ".join(f"CAST(:{name} AS {type_}[])" for name, type_ in kept.planned.items())
        self._plan = text(f"""
            INSERT INTO {kept.table} ({named}) SELECT * FROM unnest({lists}) ON CONFLICT DO NOTHING
        """)  # noqa: S608 - constants
        self._begin = text(f"""
            UPDATE {kept.table} SET begun = true
            WHERE id = CAST(:id AS uuid) AND claim = CAST(:token AS uuid) AND state = 'sending'
              AND deadline > clock_timestamp()
            RETURNING id
        """)  # noqa: S608 - constants
        self._settle = text(f"""
            UPDATE {kept.table}
            SET state = :state, error = :error, deadline = NULL {kept.settled},
                next_at = clock_timestamp() + make_interval(secs => :wait)
            WHERE id = CAST(:id AS uuid) AND claim = CAST(:token AS uuid)
              AND (state = 'sending' OR (:state = 'sent' AND state IN ('unknown', 'planned')))
            RETURNING id
        """)  # noqa: S608 - constants
        self._overdue = text(f"""
            SELECT {kept.columns}, CAST(a.claim AS text) AS claim, a.begun
            FROM {kept.table} a JOIN {kept.joined} ON {kept.on}
            WHERE a.state = 'sending' AND a.deadline < clock_timestamp()
            ORDER BY a.deadline LIMIT :most
        """)  # noqa: S608 - constants

    async def plan(self, tx: Transaction, planned: Sequence[M]) -> None:
        """Plan them; each once, however often it is asked for."""
        if not planned:
            return
        ordered = sorted(planned, key=lambda one: one.id)
        await tx.execute(
            self._plan, {name: [getattr(one, name) for one in ordered] for name in self._planned}
        )

    async def claim(
        self,
        tx: Transaction,
        token: str,
        leases: Mapping[str, float],
        config_version: int,
        most: int,
    ) -> list[Claimed[M]]:
        """Take what is due, oldest first, leaving alone what others have locked.

        `leases`: by channel, the seconds until a claim counts as lost.
        """
        rows = await tx.execute(
            self._claim,
            {
                "token": token,
                "channels": list(leases),
                "leases": list(leases.values()),
                "config_version": config_version,
                "most": most,
            },
        )
        return [Claimed(self._read(row), row["is_stopped"], row["at"]) for row in rows]

    async def begin(self, tx: Transaction, message_id: str, token: str) -> bool:
        """Note that it is being written; False where it is no longer ours."""
        rows = await tx.execute(self._begin, {"id": message_id, "token": token})
        return rows.first() is not None

    async def settle(self, tx: Transaction, message_id: str, token: str, found: Settlement) -> bool:
        """Write what came of a claim; False where it is no longer ours."""
        if self._first:
            await tx.execute(self._first, {"id": message_id})
        rows = await tx.execute(
            self._settle,
            {
                "id": message_id,
                "token": token,
                "state": found.state,
                "error": found.error,
                "wait": found.wait or 0.0,
                "may_be_read": found.may_be_read,
            },
        )
        return rows.first() is not None

    async def overdue(self, tx: Transaction, most: int) -> list[Lapsed[M]]:
        """Claims whose deadline has passed."""
        rows = await tx.execute(self._overdue, {"most": most})
        return [Lapsed(self._read(row), row["claim"], row["begun"]) for row in rows]
