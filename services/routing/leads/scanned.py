"""A touch whose scan was read after it: the lead learns by which code it came.

The first touch stays what it is but for what it did not say; nobody came again, nobody is told,
and whose the lead is was decided by what was known then.
"""

from __future__ import annotations

from msgspec import structs

from libs.common.events import Text, Touch
from services.routing.case import Case, Cause, Step


def came_by_code(case: Case, touch: Touch, cause: Cause) -> Step | None:
    """The lead with that touch as it is known now; None where that changes nothing of it."""
    first, last = _filled(case.lead.first_touch, touch), _filled(case.lead.last_touch, touch)
    if (first, last) == (case.lead.first_touch, case.lead.last_touch):
        return None
    code = touch.attribution.qr
    text = Text(
        f"معلوم شد با اسکن کد QR «{code}» آمده بود",
        f"It turned out that they had come by the QR code “{code}”",
    )
    change = cause.change("came_by_code", text, submission_id=touch.submission_id, qr=code)
    return Step(case.evolved(cause.now, first_touch=first, last_touch=last), (change,))


def _filled(held: Touch, touch: Touch) -> Touch:
    """What the lead holds of that very touch with its scan; any other as it is."""
    if not _is_it(held, touch) or held.attribution.qr or not touch.attribution.qr:
        return held
    return structs.replace(held, attribution=touch.attribution)


def _is_it(held: Touch, touch: Touch) -> bool:
    """Messages of one second have submission and moment in common; a build before names none."""
    messages = (held.message, touch.message)
    same = (held.submission_id, held.at) == (touch.submission_id, touch.at)
    return same and (None in messages or held.message == touch.message)
