"""What a later message of a chat adds to a story: it has no outcome of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from libs.common.events import Activity, Note, Text
from services.desk.reading.rows import Line

WROTE: Final = Text("در همین گفت‌وگو باز هم پیام داد", "Wrote again in the same chat")
UNMET: Final = Text(
    "پیام پیشین این گفت‌وگو به جایی نرسیده است؛ این پیام از نو آغاز می‌شود",
    "The message before it in this chat got stuck, so this one begins anew",
)


def noticed(data: Activity) -> Iterator[Line]:
    """What was found in it, as the steps tell of a submission; nothing of another shape."""
    try:
        notes = msgspec.convert(data.data.get("notes", []), list[Note])
    except msgspec.ValidationError:
        return
    for note in notes:
        yield Line(
            note.code,
            note.text,
            data.at,
            20,
            data=note.data,
            submission_id=data.submission_id,
            person_id=data.person_id,
        )
