"""A tablet that stands beside a QR code: what its form says of the code.

Nobody scanned there, so there is no scan's token; the lead came by the code all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from libs.common.configuration.schema import Qr
from libs.common.events import Attribution
from libs.common.normal.names import text_of
from services.capture.reading.scan import hung

BESIDE: Final = "_qr"
"""The hidden field that names the code."""


def beside(
    attribution: Attribution, values: Mapping[str, Any], codes: Mapping[str, Qr]
) -> tuple[Attribution, dict[str, Any]]:
    """The attribution with the code, and the fields with what its scan would say beside it.

    Anybody can type a code's name, so it is looked up in `codes`, the configured ones, and
    otherwise left alone among the fields.
    """
    code = codes.get(text_of(values.get(BESIDE)))
    if code is None:
        return attribution, dict(values)
    rest = {name: value for name, value in values.items() if name != BESIDE}
    return msgspec.structs.replace(attribution, qr=code.code), hung(code) | rest
