"""How far each list of a platform was compared; who pulls is decided by the claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.capture.reconciling.reconcile import TOLD_FROM, Pull
from services.capture.store import paces

_COLUMNS: Final = """
    kind, source, place, number, newest, floor, since, todo, pages, reached, compared, failures,
    trouble
"""
_IN_FORCE: Final = """
    CASE WHEN CAST(:places AS text[]) IS NOT NULL THEN place = ANY(CAST(:places AS text[]))
         ELSE place = '' OR named >= (SELECT account.number FROM capture.pulls account
                                      WHERE account.kind = :kind AND account.source = :source
                                        AND account.place = '') END
"""
"""Those of the file, else those that the account has named since its last whole pull began."""


class Standing(NamedTuple):
    """What the lists of a source have come to together."""

    compared: int
    trouble: str | None
    is_busy: bool
    """Whether one of them is in the midst of being read, or due."""


async def add(tx: Transaction, lists: Sequence[Pull], now: datetime, named: int = 0) -> None:
    """Lists to be pulled from now on, and their sources' pace; a known one stays as it is.

    `named` is the number of the account's pull that names them.
    """
    columns = {
        "kinds": [each.kind for each in lists],
        "sources": [each.source for each in lists],
        "places": [each.place for each in lists],
        "floors": [each.floor for each in lists],
        "now": now,
        "named": named,
    }
    await paces.add(tx, [(each.kind, each.source) for each in lists], now)
    await tx.execute(
        text("""
            INSERT INTO capture.pulls (kind, source, place, due_at, floor, named)
            SELECT kind, source, place, CAST(:now AS timestamptz), floor, :named
            FROM unnest(CAST(:kinds AS text[]), CAST(:sources AS text[]),
                        CAST(:places AS text[]), CAST(:floors AS timestamptz[]))
                 AS new (kind, source, place, floor)
            ORDER BY 1, 2, 3
            ON CONFLICT (kind, source, place) DO UPDATE
            SET named = greatest(pulls.named, excluded.named)
        """),
        columns,
    )


async def has_lists(tx: Transaction, kind: str, source: str) -> bool:
    """Whether any list of the source is known."""
    rows = await tx.execute(
        text("""
            SELECT EXISTS (SELECT FROM capture.pulls WHERE kind = :kind AND source = :source)
        """),
        {"kind": kind, "source": source},
    )
    found: bool = rows.scalar_one()
    return found


async def next_due(  # noqa: PLR0913, PLR0917 - who asks, which of its lists, and by what time
    tx: Transaction,
    kind: str,
    source: str,
    places: Sequence[str] | None,
    now: datetime,
    every: timedelta,
) -> Pull | None:
    """The list that is due of a locked source, unless one is being pulled: one begun first.

    `places` limits to some; None means the account and those that it names. `every` counts at
    once where it became shorter since the moment was written down; a wait after trouble stays.
    """
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM capture.pulls
            WHERE kind = :kind AND source = :source AND {_IN_FORCE}
              AND (due_at <= :now
                   OR (failures = 0 AND todo = '{{}}' AND done_at <= CAST(:latest AS timestamptz)))
              AND NOT EXISTS (SELECT FROM capture.pulls other
                              WHERE other.kind = :kind AND other.source = :source
                                AND other.claimed_until > :now)
            ORDER BY (todo = '{{}}'), due_at, place LIMIT 1
        """),  # noqa: S608 - a constant
        {
            "kind": kind,
            "source": source,
            "places": None if places is None else list(places),
            "now": now,
            "latest": now - every,
        },
    )
    row = rows.first()
    return _read(row) if row else None


async def claim(tx: Transaction, pull: Pull, token: str, until: datetime) -> None:
    """It is ours until then; its source is locked."""
    await tx.execute(
        text("""
            UPDATE capture.pulls SET claim = CAST(:token AS uuid), claimed_until = :until
            WHERE kind = :kind AND source = :source AND place = :place
        """),
        {
            "token": token,
            "until": until,
            "kind": pull.kind,
            "source": pull.source,
            "place": pull.place,
        },
    )


async def is_claimed(tx: Transaction, pull: Pull, token: str) -> bool:
    """Whether it is still ours; a claim that lapsed may be another's by now."""
    rows = await tx.execute(
        text("""
            SELECT claim = CAST(:token AS uuid) FROM capture.pulls
            WHERE kind = :kind AND source = :source AND place = :place
        """),
        {"token": token, "kind": pull.kind, "source": pull.source, "place": pull.place},
    )
    row = rows.first()
    return bool(row and row[0])


async def save(tx: Transaction, pull: Pull, due_at: datetime, done_at: datetime | None) -> None:
    """Write how far it has come and when it goes on; the claim is given back."""
    await tx.execute(
        text("""
            UPDATE capture.pulls
            SET due_at = :due_at, number = :number, newest = :newest, since = :since,
                todo = CAST(:todo AS text[]), pages = :pages, reached = :reached,
                compared = :compared, failures = :failures, trouble = :trouble,
                done_at = coalesce(CAST(:done_at AS timestamptz), done_at),
                claim = NULL, claimed_until = NULL
            WHERE kind = :kind AND source = :source AND place = :place
        """),
        {**pull._asdict(), "todo": list(pull.todo), "due_at": due_at, "done_at": done_at},
    )


async def standing(
    tx: Transaction, kind: str, source: str, places: Sequence[str] | None, now: datetime
) -> Standing:
    """The lists of a source, or those of them that are in force."""
    rows = await tx.execute(
        text(f"""
            SELECT coalesce(sum(compared), 0), min(trouble) FILTER (WHERE failures >= :told),
                   coalesce(bool_or(due_at <= :now OR todo <> '{{}}'), false)
            FROM capture.pulls WHERE kind = :kind AND source = :source AND {_IN_FORCE}
        """),  # noqa: S608 - a constant
        {
            "kind": kind,
            "source": source,
            "places": None if places is None else list(places),
            "now": now,
            "told": TOLD_FROM,
        },
    )
    row = rows.one()
    return Standing(int(row[0]), row[1], row[2])


def _read(row: Row) -> Pull:
    return Pull(**{**row, "todo": tuple(row["todo"])})
