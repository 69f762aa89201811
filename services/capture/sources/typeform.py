"""Typeform: a response with its answers; questions are told by their titles and refs.

https://www.typeform.com/developers/webhooks/secure-your-webhooks/ and example-payload/
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from functools import partial
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import is_signed
from services.capture.sources.typeform_responses import LISTING, PARTIAL, WHOLE, response_of
from services.capture.sources.values import id_text, mapping, object_in

_SIGNED: Final = b"sha256="


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """Typeform-Signature, by the webhook's secret on the raw bytes; it bears no time."""
    given = knock.headers.get(b"typeform-signature", b"")
    if not given.startswith(_SIGNED):
        return False
    encoded = partial(binascii.b2a_base64, newline=False)
    return is_signed(knock.body, given.removeprefix(_SIGNED), source, encoded=encoded)


def parse_response(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission a response; one that was left in the middle is one of its own."""
    body, held = object_in(knock.body)
    event, response = body.get("event_type"), mapping(body.get("form_response"))
    if isinstance(event, str) and event not in (WHOLE, PARTIAL):
        return []
    token, answers = id_text(response.get("token")), response.get("answers") or []
    if event is None or token is None or not isinstance(answers, list):
        return [odd(knock.body)]
    return [response_of(body, source, event)._replace(held=held)]


TYPEFORM: Final = Kind(
    "typeform", prove, parse_response, has_forms=True, is_signed=True, listing=LISTING
)
