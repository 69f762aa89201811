"""What a deep link's payload means: a QR code of ours, one scan of it, or somebody's own word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from libs.common.configuration.schema import Qr
from libs.common.events import Attribution
from services.capture.reading.attribution import Origins, attributed
from services.capture.reading.scan import START, campaigned, carried

_CODE: Final = "qr_"


def started(attribution: Attribution, payload: str | None, codes: Mapping[str, Qr]) -> Attribution:
    """The attribution with what the payload says; `codes` are the configured ones.

    A code's page goes before the source's own; what is known of the ad goes before the code's
    campaign. Anybody can type a payload, so it is looked up and otherwise left alone.
    """
    if not payload:
        return attribution
    if payload.startswith(START) and len(payload) > len(START):
        return msgspec.structs.replace(attribution, scan=payload.removeprefix(START))
    code = codes.get(payload) or codes.get(payload.removeprefix(_CODE))
    if code is None:
        return attribution
    origin, _ = attributed(campaigned(code) | carried(code.target, ""), Origins())
    return msgspec.structs.replace(
        attribution,
        qr=code.code,
        page_url=origin.page_url or attribution.page_url,
        utm=attribution.utm or origin.utm,
        click_ids=attribution.click_ids or origin.click_ids,
    )
