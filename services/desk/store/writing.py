"""Writes the rows of a slice: one statement a table, however many events there were.

Every statement takes its rows in the order of their keys, and the tables come in one order, so
that two slices never wait for each other in a circle (delivery rule 12).
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from services.desk.rows import Rows
from services.desk.store import held, leads, letters, stories, submissions


async def write(tx: AsyncConnection, rows: Rows) -> None:
    """Everything that a slice amounts to, in at most eight statements."""
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
