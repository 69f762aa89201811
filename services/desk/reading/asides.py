"""What activities without a lead say: what is set aside or waits, and posts that found no form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

from libs.common import standstill
from libs.common.events import Activity, Event, Text
from libs.common.expiring import KNOWN
from services.desk.reading.rows import ComparisonRow, MisaddressedRow, PauseRow, Rows, TokenRow

_PAUSES: Final[Mapping[str, tuple[Literal["source", "specialist"], bool]]] = {
    "staff.paused": ("specialist", True),
    "staff.resumed": ("specialist", False),
    "source.paused": ("source", True),
    "source.resumed": ("source", False),
}
_WAITS: Final = "source.waits"
_EXPIRING: Final = "source.token_expiring"
_RECONCILED: Final = "source.reconciled"
_SILENCES: Final = ("source.silent", "source.heard_again")
"""What the desk itself has said: its own rows know of them."""
MISADDRESSED: Final = "form.misaddressed"
TYPES: Final = frozenset(
    {*_PAUSES, *_SILENCES, _WAITS, _EXPIRING, KNOWN, _RECONCILED, MISADDRESSED}
)
"""They belong on no lead's story."""
_LONGEST: Final = 200
_MOST: Final = 2**31 - 1


def fold_aside(rows: Rows, event: Event, data: Activity) -> None:
    """Keep the newest word on each, and every post once; what has another shape is left out."""
    if data.type == MISADDRESSED:
        _misaddressed(rows, event, data)
    elif data.type == _WAITS:
        _waits(rows, event, data)
    elif data.type == _RECONCILED:
        _compared(rows, event, data)
    elif data.type == KNOWN:
        _known(rows, event, data)
    elif data.type in _PAUSES:
        _paused(rows, event, data)


def _paused(rows: Rows, event: Event, data: Activity) -> None:
    kind, is_paused = _PAUSES[data.type]
    key = data.data.get(kind) or event.key
    if not isinstance(key, str):
        return
    _keep(rows, PauseRow(kind, key[:_LONGEST], is_paused, data.at, _moment(data), _why(data)))
    if kind == "source" and (not is_paused or data.data.get("goes_on") is True):
        _keep(rows, PauseRow("wait", key[:_LONGEST], is_paused=False, at=data.at))


def _waits(rows: Rows, event: Event, data: Activity) -> None:
    """Until when a source is not asked; beside its pause, which began when it did."""
    key, until = data.data.get("source") or event.key, _moment(data)
    if isinstance(key, str) and until:
        _keep(rows, PauseRow("wait", key[:_LONGEST], is_paused=True, at=data.at, until=until))


def _keep(rows: Rows, row: PauseRow) -> None:
    old = rows.pauses.get((row.kind, row.key))
    if old is None or row.at >= old.at:
        rows.pauses[row.kind, row.key] = row


def _compared(rows: Rows, event: Event, data: Activity) -> None:
    """How what came of a source compares with what its platform's list shows."""
    key, trouble = data.data.get("source") or event.key, data.data.get("trouble")
    names = ("compared", "missing", "late", "repeated", "days")
    told = {name: data.data.get(name) for name in names}
    numbers = {name: n for name, n in told.items() if type(n) is int and 0 <= n <= _MOST}
    if not isinstance(key, str) or len(numbers) < len(names):
        return
    why = trouble[:_LONGEST] if isinstance(trouble, str) else None
    row = ComparisonRow(key[:_LONGEST], data.at, trouble=why, **numbers)
    old = rows.comparisons.get(row.source)
    if old is None or row.at >= old.at:
        rows.comparisons[row.source] = row


def _known(rows: Rows, event: Event, data: Activity) -> None:
    """When a source's token ends."""
    key, kind = data.data.get("source") or event.key, data.data.get("source_kind")
    if not isinstance(key, str) or not isinstance(kind, str):
        return
    try:
        expires = date.fromisoformat(str(data.data.get("expires")))
    except ValueError:
        expires = None
    row = TokenRow(key[:_LONGEST], kind[:_LONGEST], expires, data.at)
    old = rows.tokens.get(row.source)
    if old is None or row.at >= old.at:
        rows.tokens[row.source] = row


def _misaddressed(rows: Rows, event: Event, data: Activity) -> None:
    form, host = data.data.get("form"), data.data.get("host")
    try:
        identity = str(uuid.UUID(event.id))
    except ValueError:
        return
    if not isinstance(form, str):
        return
    rows.misaddressed[identity] = MisaddressedRow(
        identity,
        form[:_LONGEST],
        host[:_LONGEST] if isinstance(host, str) else None,
        data.page,
        data.at,
    )


def _moment(data: Activity) -> datetime | None:
    until = data.data.get("until")
    try:
        found = datetime.fromisoformat(until) if isinstance(until, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _why(data: Activity) -> Text | None:
    reason = data.data.get("reason")
    if not isinstance(reason, str):
        return None
    return standstill.why(reason[:_LONGEST], data.data.get("lacks"))
