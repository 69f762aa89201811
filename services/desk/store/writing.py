"""Writes the rows of a slice: one statement a table, however many events there were.

Every statement takes its rows in the order of their keys, and the tables come in one order, so
that two slices never wait for each other in a circle (delivery rule 12).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from libs.common.database import Transaction
from services.desk.reading.erasing import named, without
from services.desk.reading.rows import Rows
from services.desk.store import (
    board,
    comparisons,
    entries,
    erasing,
    held,
    leads,
    letters,
    sources,
    stories,
    submissions,
    token_ends,
)

MISADDRESSED_FOR: Final = timedelta(days=7)


async def write(tx: Transaction, rows: Rows) -> None:
    """Everything that a slice amounts to: a statement a table. Of what is erased its id."""
    await erasing.lock(tx, alone=bool(rows.erased))
    known = await erasing.tombstones(tx, sorted(named(rows)))
    rows = without(rows, {id_: row.at for id_, row in rows.erased.items()} | known)
    await _write(tx, rows)
    if rows.erased:
        await erasing.apply(tx, rows)


async def _write(tx: Transaction, rows: Rows) -> None:
    if rows.survivors:
        await submissions.write_survivors(tx, sorted(rows.survivors.items()))
    if rows.submissions:
        await submissions.write(tx, [rows.submissions[key] for key in sorted(rows.submissions)])
    if rows.leads:
        await leads.write(tx, [rows.leads[key] for key in sorted(rows.leads)])
    if rows.notifications:
        found = rows.notifications
        await leads.write_notifications(tx, [found[key] for key in sorted(found)])
    if rows.timeline:
        await stories.write(tx, sorted(rows.timeline, key=lambda row: (row.event_id, row.n)))
    if rows.held:
        await held.write(tx, [rows.held[key] for key in sorted(rows.held)])
    if rows.letters:
        await letters.write(tx, [rows.letters[key] for key in sorted(rows.letters)])
    await _write_asides(tx, rows)


async def _write_asides(tx: Transaction, rows: Rows) -> None:
    """What is about no submission."""
    if rows.spools:
        await entries.write_spools(tx, rows.spools)
    if given := rows.assignments:
        await board.write_assignments(tx, [given[key] for key in sorted(given)])
    if pauses := rows.pauses:
        await sources.write_pauses(tx, [pauses[key] for key in sorted(pauses)])
    if found := rows.comparisons:
        await comparisons.write(tx, [found[key] for key in sorted(found)])
    if tokens := rows.tokens:
        await token_ends.write(tx, [tokens[key] for key in sorted(tokens)])
    if posts := rows.misaddressed:
        before = datetime.now(UTC) - MISADDRESSED_FOR
        await sources.write_misaddressed(tx, [posts[key] for key in sorted(posts)], before)
