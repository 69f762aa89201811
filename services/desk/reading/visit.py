"""What visitors do, as a salesperson would tell it: lines of the person, not of a submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.common.events import Activity, LeadCaptured, SubmissionEnriched, Text
from services.desk.reading.rows import Line

KINDS: Final = frozenset({"activity", "qr"})
_DONE: Final = {
    "page_view": Text("صفحهٔ {page} را دید", "Looked at {page}"),
    "scroll": Text("صفحهٔ {page} را تا پایین خواند", "Read down {page}"),
    "download": Text("فایلی را از {page} گرفت", "Downloaded a file from {page}"),
    "click": Text("در {page} روی چیزی کلیک کرد", "Clicked on something on {page}"),
    "search": Text("در {page} جست‌وجو کرد", "Searched on {page}"),
    "video_view": Text("ویدیویی را در {page} دید", "Watched a video on {page}"),
    "wish_list": Text("چیزی را در {page} نشان کرد", "Put something on the wish list on {page}"),
    "cart_abandoned": Text("سبد خریدش را رها کرد", "Left a cart behind"),
    "trial_start": Text("نسخهٔ آزمایشی را شروع کرد", "Started a trial"),
    "trial_started": Text("نسخهٔ آزمایشی را شروع کرد", "Started a trial"),
    "trial_activated": Text("از نسخهٔ آزمایشی نتیجه گرفت", "Got value from the trial"),
    "email_open": Text("ایمیل ما را باز کرد", "Opened one of our mails"),
    "email_click": Text("روی پیوندی در ایمیل ما زد", "Followed a link in one of our mails"),
    "comment": Text("زیر یکی از پست‌های ما نظر نوشت", "Commented on one of our posts"),
    "webinar": Text("در وبینار شرکت کرد", "Took part in a webinar"),
}
_SCAN: Final = "qr_scan"
_SCANNED: Final = Text("کد QR «{qr}» را اسکن کرد", "Scanned the QR code “{qr}”")
_SCANNED_ONE: Final = Text("یک کد QR را اسکن کرد", "Scanned a QR code")
_OTHERWISE: Final = Text("کاری از نوع «{type}» کرد", "Did “{type}”")
_SOME_PAGE: Final = Text("سایت", "the site")
_WHOSE: Final = Text(
    "از کسی است که می‌شناسیم؛ در سرگذشت او آمده است",
    "It is of somebody we know, and told in their story",
)
_NOBODYS: Final = Text(
    "هنوز نمی‌دانیم کیست؛ تا خودش را معرفی کند نگه داشته می‌شود",
    "Nobody knows yet who it is; kept until they leave a contact",
)


def is_visit(data: LeadCaptured | SubmissionEnriched) -> bool:
    """Whether a submission is something done, and nobody's wish to be called."""
    kind = data.kind if isinstance(data, LeadCaptured) else data.touch.kind
    return kind in KINDS


def arrived(data: LeadCaptured, page: str | None) -> Text:
    """What a visit that has just come in was."""
    return _sentence(data.activity or data.kind, page, _code(data.extra) or data.attribution.qr)


def outcome(data: SubmissionEnriched) -> Text:
    """Whether it is known whose it is."""
    return _WHOSE if data.person_id else _NOBODYS


def done(data: Activity) -> Line:
    """The visit in its person's story."""
    facts: dict[str, Any] = {**data.data, "page": data.page, "submission_id": data.submission_id}
    return Line(
        data.type.rpartition(".")[2],
        _sentence(data.type, data.page, _code(data.data)),
        data.at,
        5,
        data={name: value for name, value in facts.items() if value is not None},
        person_id=data.person_id,
    )


def _code(data: Mapping[str, Any]) -> str | None:
    """The scanned code as staff call it, else as it is written in the configuration."""
    names = (data.get("label"), data.get("qr"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _sentence(kind: str, page: str | None, qr: str | None) -> Text:
    name = kind.replace(".", "_").replace("-", "_")
    scanned = _SCANNED if qr else _SCANNED_ONE
    template = scanned if name == _SCAN else _DONE.get(name, _OTHERWISE)
    shown = Text(page, page) if page else _SOME_PAGE
    return Text(
        template.fa.format(page=shown.fa, qr=qr or "", type=kind),
        template.en.format(page=shown.en, qr=qr or "", type=kind),
    )
