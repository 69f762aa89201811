"""An address in the phone field, or a number in the e-mail field: people do that."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from libs.common.normal.text import digits
from services.enrichment.draft import Draft

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER: Final = re.compile(r"[+(]?\d[\d\s().-]{6,20}")


def put_into_place(draft: Draft, _country: str) -> Draft:
    """Move a contact to the field it belongs in, where that one is empty."""
    phone, email = draft.field("phone"), draft.field("email")
    if phone and not email and _ADDRESS.fullmatch(phone):
        moved = {"phone": "", "email": phone}
    elif email and not phone and _NUMBER.fullmatch(digits(email)):
        moved = {"phone": email, "email": ""}
    else:
        return draft
    captured = msgspec.structs.replace(draft.captured, fields={**draft.captured.fields, **moved})
    return msgspec.structs.replace(draft, captured=captured).noting(
        "contact_moved",
        "شماره و ایمیل جابه‌جا نوشته شده بود؛ هر کدام سر جای خود گذاشته شد.",
        "Phone and e-mail were in each other's place; they were put right.",
    )
