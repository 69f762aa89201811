"""What the read model keeps of what was erased: that it was there, and when. Pure.

The statements of store/erasing.py do the same to rows that are there already, so that it does
not matter which is read first (docs/decisions/0016-erasure.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec import structs

from libs.common.erasing import ERASED, emptied
from libs.common.events import Attribution, Contact, Text, as_id
from services.desk.reading.rows import Line, Rows, SubmissionRow
from services.desk.reading.states import RANKS

LAST: Final = 2**31 - 1
"""A round that no replay comes after: who is erased stays so."""
EMPTY: Final = Text("محتوای این بخش پاک شده است", "What was told here is erased")
SPEAKING: Final = frozenset(
    {ERASED, "withdrawn", "identified", "opened", "accepted", "contacted", "won", "reopened"}
    | {"notification_sent", "notification_failed", "notification_unknown", "hydrating", "test"}
    | {"activity", "discarded", "answered"}
)
"""Kinds of lines whose words are all our own."""

Tombstones = Mapping[str, datetime]
"""When each submission and person was erased."""


def named(rows: Rows) -> set[str]:
    """The submissions and persons that the rows are about."""
    found: set[str | None] = set(rows.submissions)
    found |= {row.person_id for row in rows.submissions.values()}
    found |= {lead.person_id for lead in rows.leads.values()}
    for line in rows.timeline:
        found |= {line.line.submission_id, line.line.person_id}
    found |= {row.submission_id for row in rows.held.values()} | rows.held.keys()
    for letter in rows.letters.values():
        found |= {letter.submission_id, letter.key}
    return {one for one in found if one and _is_id(one)}


def without(rows: Rows, erased: Tombstones) -> Rows:
    """The rows without anything that was told of what is erased."""
    if not erased:
        return rows
    return structs.replace(
        rows,
        submissions={id_: _submission(row, erased) for id_, row in rows.submissions.items()},
        leads={
            id_: emptied(lead, erased[lead.person_id]) if lead.person_id in erased else lead
            for id_, lead in rows.leads.items()
        },
        timeline=[structs.replace(row, line=_line(row.line, erased)) for row in rows.timeline],
        held={
            id_: row
            for id_, row in rows.held.items()
            if row.submission_id not in erased and id_ not in erased
        },
        letters={
            id_: row
            for id_, row in rows.letters.items()
            if row.submission_id not in erased and row.key not in erased
        },
    )


def _submission(row: SubmissionRow, erased: Tombstones) -> SubmissionRow:
    at = erased.get(row.id) or erased.get(row.person_id or "")
    if at is None:
        return row
    return structs.replace(
        row,
        round=LAST,
        rank=RANKS[ERASED],
        state=ERASED,
        state_at=at,
        reason=None,
        content_round=LAST,
        contact=Contact(),
        attribution=Attribution(),
    )


def _line(line: Line, erased: Tombstones) -> Line:
    if line.submission_id not in erased and line.person_id not in erased:
        return line
    text = line.text if line.kind in SPEAKING else EMPTY
    return structs.replace(line, text=text, data={})


def ids_in(rows: Rows, kind: str) -> Iterator[str]:
    """What the rows say is erased now, of one kind."""
    return (id_ for id_, row in rows.erased.items() if row.kind == kind)


def _is_id(written: str) -> bool:
    try:
        as_id(written)
    except ValueError:
        return False
    return True
