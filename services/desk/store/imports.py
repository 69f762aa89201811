"""Lists that staff put in: what was said of each, how far it is, and which rows are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.store.columns import jsonb
from services.desk.store.finding import Place

Row = dict[str, Any]
LEASE: Final = timedelta(seconds=15)
AT_WORK: Final = ("checking", "running")
"""States in which a worker has something to do."""
_COLUMNS: Final = """
    id, place, name, digest, size, shape, choice, actor, state, problem, position, rows,
    checked, examples, counts, created_at, started_at, finished_at, worker,
    CASE WHEN state IN ('checking', 'running') AND coalesce(lease_until < now(), true)
        THEN (SELECT count(*) FROM desk.imports o
              WHERE o.place = imports.place AND o.state = imports.state AND o.id <> imports.id
                AND (o.lease_until >= now() OR o.created_at < imports.created_at))
        ELSE 0 END AS behind
"""
"""`behind`: while nobody works on it, how many lists are before it."""
_JSON: Final = ("shape", "choice", "checked", "examples", "counts")


class New(NamedTuple):
    """A file that has just come."""

    id: str
    place: str
    name: str
    digest: str
    size: int
    shape: Mapping[str, Any]
    actor: str


async def add(tx: Transaction, new: New) -> None:
    """Keep that it is here."""
    await tx.execute(
        text("""
            INSERT INTO desk.imports (id, place, name, digest, size, shape, actor)
            VALUES (CAST(:id AS uuid), :place, :name, :digest, :size, CAST(:shape AS jsonb), :actor)
        """),
        {**new._asdict(), "shape": jsonb(new.shape)},
    )


async def find(tx: Transaction, item: str, *, lock: bool = False) -> Row | None:
    """One import."""
    ending = "FOR UPDATE" if lock else ""
    rows = await tx.execute(
        text(f"SELECT {_COLUMNS} FROM desk.imports WHERE id = CAST(:id AS uuid) {ending}"),  # noqa: S608 - constants
        {"id": item},
    )
    return _row(rows.first())


async def newest(tx: Transaction, after: Place | None, limit: int) -> list[Row]:
    """Imports, newest first."""
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM desk.imports
            WHERE CAST(:at AS timestamptz) IS NULL
               OR (created_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid))
            ORDER BY created_at DESC, id DESC LIMIT :limit
        """),  # noqa: S608 - constants
        {"at": after and after.at, "id": after and after.id, "limit": limit},
    )
    return [_known(each) for each in rows]


async def unfinished(tx: Transaction, digest: str, place: str) -> Row | None:
    """The same file's import that has begun and not ended, if its file is in this folder."""
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM desk.imports
            WHERE digest = :digest AND place = :place AND state IN ('running', 'stopped')
            ORDER BY created_at DESC LIMIT 1
        """),  # noqa: S608 - constants
        {"digest": digest, "place": place},
    )
    return _row(rows.first())


async def ask(tx: Transaction, item: str, state: str, choice: Mapping[str, Any] | None) -> None:
    """Ask for a check (with a choice), a start, or an end of work; a worker takes it from there."""
    await tx.execute(
        text("""
            UPDATE desk.imports SET state = :state, problem = NULL,
                choice = coalesce(CAST(:choice AS jsonb), choice),
                started_at = CASE WHEN :state = 'running' THEN coalesce(started_at, now())
                                  ELSE started_at END,
                position = CASE WHEN :state = 'checking' THEN 0 ELSE position END,
                worker = NULL, lease_until = NULL
            WHERE id = CAST(:id AS uuid)
        """),
        {"id": item, "state": state, "choice": None if choice is None else jsonb(choice)},
    )


async def claim(
    tx: Transaction, place: str, worker: str, states: Sequence[str] = AT_WORK
) -> Row | None:
    """The oldest import that is to be worked on here, and that nobody works on now."""
    rows = await tx.execute(
        text(f"""
            UPDATE desk.imports
            SET worker = CAST(:worker AS uuid), lease_until = now() + :lease
            WHERE id = (
                SELECT id FROM desk.imports
                WHERE state IN ('checking', 'running') AND state = ANY(:states) AND place = :place
                  AND (lease_until IS NULL OR lease_until < now()
                       OR worker = CAST(:worker AS uuid))
                ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING {_COLUMNS}
        """),  # noqa: S608 - constants
        {"place": place, "worker": worker, "lease": LEASE, "states": list(states)},
    )
    return _row(rows.first())


async def is_left(tx: Transaction, place: str) -> bool:
    """Whether an import is to be worked on here that nobody works on now."""
    rows = await tx.execute(
        text("""
            SELECT EXISTS (
                SELECT FROM desk.imports
                WHERE state IN ('checking', 'running') AND place = :place
                  AND coalesce(lease_until < now(), true))
        """),
        {"place": place},
    )
    return bool(rows.scalar())


async def hold(tx: Transaction, item: str, worker: str, state: str) -> int | None:
    """Lock it and go on holding it; its position, or None when it is no longer ours to work on."""
    rows = await tx.execute(
        text("""
            UPDATE desk.imports SET lease_until = now() + :lease
            WHERE id = CAST(:id AS uuid) AND worker = CAST(:worker AS uuid) AND state = :state
            RETURNING position
        """),
        {"id": item, "worker": worker, "state": state, "lease": LEASE},
    )
    found: int | None = rows.scalar()
    return found


async def write(tx: Transaction, item: str, **values: Any) -> None:
    """Set columns of one that is held: position, rows, state, problem, counts."""
    sets = ", ".join(
        f"{name} = CAST(:{name} AS jsonb)" if name in _JSON else f"{name} = :{name}"
        for name in values
    )
    given = {name: jsonb(v) if name in _JSON else v for name, v in values.items()}
    await tx.execute(
        text(f"UPDATE desk.imports SET {sets} WHERE id = CAST(:id AS uuid)"),  # noqa: S608 - our own names
        {"id": item, **given},
    )


async def end(tx: Transaction, item: str, state: str, problem: str | None = None) -> None:
    """Its work is over, for good or until somebody asks again."""
    await tx.execute(
        text("""
            UPDATE desk.imports SET state = :state, problem = :problem, worker = NULL,
                lease_until = NULL,
                finished_at = CASE WHEN :state IN ('done', 'failed') THEN now() END
            WHERE id = CAST(:id AS uuid)
        """),
        {"id": item, "state": state, "problem": problem},
    )


async def known(tx: Transaction, ids: Sequence[str]) -> int:
    """How many of these submissions came with an import before."""
    rows = await tx.execute(
        text("""
            SELECT count(*) FROM desk.import_rows
            WHERE submission_id = ANY(CAST(:ids AS uuid[]))
        """),
        {"ids": list(ids)},
    )
    return int(rows.scalar_one())


async def keep(tx: Transaction, item: str, lines: Mapping[str, int]) -> tuple[set[str], set[str]]:
    """Keep the rows by submission; those that are new, and those of this very import before."""
    fresh = await tx.execute(
        text("""
            INSERT INTO desk.import_rows (submission_id, import_id, line)
            SELECT s, CAST(:item AS uuid), n
            FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS integer[])) AS t (s, n) ORDER BY s
            ON CONFLICT (submission_id) DO NOTHING RETURNING submission_id
        """),
        {"item": item, "ids": list(lines), "lines": list(lines.values())},
    )
    new = {str(one) for one in fresh.scalars()}
    others = await tx.execute(
        text("""
            SELECT submission_id FROM desk.import_rows
            WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND import_id = CAST(:item AS uuid)
        """),
        {"item": item, "ids": [one for one in lines if one not in new]},
    )
    return new, {str(one) for one in others.scalars()}


async def on_their_way(tx: Transaction, item: str, of_last: int) -> int:
    """How many of its last rows are neither somebody's, nor in a queue, nor at an end yet."""
    rows = await tx.execute(
        text("""
            SELECT count(*) FROM (
                SELECT submission_id FROM desk.import_rows WHERE import_id = CAST(:item AS uuid)
                ORDER BY line DESC LIMIT :most
            ) r LEFT JOIN desk.submissions s ON s.id = r.submission_id
            WHERE s.id IS NULL
               OR s.state IN ('received', 'hydrating', 'enriched', 'scored')
        """),
        {"item": item, "most": of_last},
    )
    return int(rows.scalar_one())


async def at_once(tx: Transaction) -> int:
    """How many lists are being put in now, wherever; at least one, as whoever asks puts one in."""
    rows = await tx.execute(
        text("""
            SELECT greatest(count(*), 1) FROM desk.imports
            WHERE state = 'running' AND lease_until >= now()
        """)
    )
    return int(rows.scalar_one())


async def salt(tx: Transaction) -> bytes:
    """What marks of rows are made with, for as long as this installation lives."""
    rows = await tx.execute(text("SELECT salt FROM desk.import_salt LIMIT 1"))
    return bytes(rows.scalar_one())


async def forget(tx: Transaction, item: str) -> None:
    """Forget an import; which rows it brought stays known, so that none comes twice."""
    await tx.execute(text("DELETE FROM desk.imports WHERE id = CAST(:id AS uuid)"), {"id": item})


async def older(tx: Transaction, place: str, before: datetime) -> list[str]:
    """Imports in this folder that nobody has worked on since."""
    rows = await tx.execute(
        text("""
            SELECT id FROM desk.imports
            WHERE place = :place AND coalesce(finished_at, created_at) < :before
              AND state NOT IN ('checking', 'running')
        """),
        {"place": place, "before": before},
    )
    return [str(one) for one in rows.scalars()]


async def with_erased(tx: Transaction, place: str) -> list[str]:
    """Finished imports in this folder whose files may still name somebody who was erased.

    Those that brought such a row; and those that had rows in common with earlier lists, as the
    same row stands in the books of the first list only.
    """
    rows = await tx.execute(
        text("""
            WITH gone AS (
                SELECT r.import_id, e.at FROM desk.erased e
                JOIN desk.import_rows r ON r.submission_id = e.id
            )
            SELECT i.id FROM desk.imports i
            WHERE i.place = :place AND i.state IN ('done', 'failed') AND (
                i.id IN (SELECT import_id FROM gone)
                OR (i.counts ? 'earlier' AND i.created_at < (SELECT max(at) FROM gone)))
        """),
        {"place": place},
    )
    return [str(one) for one in rows.scalars()]


def _row(found: Any) -> Row | None:
    return None if found is None else _known(found)


def _known(found: Any) -> Row:
    row = dict(found)
    return {**row, "id": str(row["id"]), "worker": row["worker"] and str(row["worker"])}
