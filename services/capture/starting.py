"""What a deep link's payload means: a QR code of ours, one scan of it, or somebody's own word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from libs.common.events import Attribution

_CODE: Final = "qr_"
_SCAN: Final = "sn_"


def started(attribution: Attribution, payload: str | None, codes: Mapping[str, str]) -> Attribution:
    """The attribution with what the payload says; `codes` are the configured ones' targets.

    Anybody can type a payload, so it is looked up and otherwise left alone.
    """
    if not payload:
        return attribution
    if payload.startswith(_SCAN) and len(payload) > len(_SCAN):
        return msgspec.structs.replace(attribution, scan=payload.removeprefix(_SCAN))
    for code in (payload, payload.removeprefix(_CODE)):
        if code in codes:
            return msgspec.structs.replace(attribution, qr=code, page_url=codes[code])
    return attribution
