"""Twilio Voice: how a call ended, and what to do with one that rings here.

https://www.twilio.com/docs/usage/security (the proof covers the URL and all fields)
https://www.twilio.com/docs/voice/twiml#request-parameters
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from libs.common.bodies import Unreadable
from libs.common.bodies.contract import MOST_FIELDS
from libs.common.bodies.urlencoded import read_urlencoded
from libs.common.calls import ANSWERED, ENDED, FIELD, MISSED, VOICEMAIL
from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from libs.common.normal.names import text_of
from services.capture.calls.call import Answer
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.calls import phone_of
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import is_signed
from services.capture.sources.values import canonical, credible, id_text

_BODY: Final = "bodySHA256"
_THEN: Final = "then"
"""A parameter of our own in the URL, which the proof covers: the TwiML by which a call goes on."""
_PORTS: Final = {"https": 443, "http": 80}
_DIGESTS: Final = {b"HMAC_SHA1": hashlib.sha1, b"HMAC_SHA256": hashlib.sha256}
_SETTINGS: Final = b"x-twilio-webhooks-signature-settings"
"""With a shared key instead of the account's token: `key=…,algorithm=HMAC_SHA256`."""
_DURATIONS: Final = ("DialCallDuration", "CallDuration", "RecordingDuration")
_PROGRESS: Final = ("CallbackSource", "SequenceNumber")
"""Only in reports; a request that asks what to do has none of them."""
_MISSED: Final = ("busy", "no-answer", "failed", "canceled")
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>'


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """X-Twilio-Signature over the URL and the body's sorted fields; of JSON the URL has the digest.

    A GET has no body, so that its URL alone is signed.

    Which digest signs, a header says; Twilio is not consistent about the port, so both ways are
    tried. Both as in its own library (twilio.request_validator).
    """
    given = knock.headers.get(b"x-twilio-signature", b"")
    by = _DIGESTS.get(_algorithm(knock))
    if by is None:
        return False
    digest = dict(_query(knock)).get(_BODY)
    signed = ""
    if digest is None:
        signed = "".join(_sorted(knock.body))
    elif not hmac.compare_digest(digest.encode(), hashlib.sha256(knock.body).hexdigest().encode()):
        return False
    found = False
    for url in _spelled(knock.url):
        message = (url + signed).encode("utf-8", "surrogatepass")
        found |= is_signed(message, given, source, by=by, encoded=base64.b64encode)
    return found


def parse_call(knock: Knock, source: Source) -> Sequence[Arrival]:
    """How a call ended, under its CallSid; that it rings or goes on is no lead.

    What a later event of the same call says comes as its resend.
    """
    values = _values(knock)
    key = id_text(values.get("CallSid"))
    if key is None:
        return [odd(knock.said)]
    if text_of(values.get("Direction")).startswith("outbound"):
        return []
    ended, recording = _ended(values, knock), text_of(values.get("RecordingUrl"))
    recorded = recording and values.get("RecordingStatus") == "completed"
    if ended is None and not recorded:
        return []
    mapped = {ours: text_of(values.get(theirs)) for ours, theirs in source.fields.items()}
    fields = {
        "phone": phone_of(text_of(values.get("From"))),
        "message": text_of(values.get("TranscriptionText")),
        **{ours: text for ours, text in mapped.items() if text},
    }
    fields = {ours: text for ours, text in fields.items() if text}
    return [
        Arrival(
            key,
            canonical({"call": ended, "recording": recording, "fields": fields}),
            {ours: text for ours, text in fields.items() if text},
            _extra(values, ended),
            Attribution(page_url=source.page),
            occurred_at=_begun(values),
        )
    ]


def answer(knock: Knock, _source: Source) -> Answer:
    """What the call is to do next: go on as the URL says, else be rejected, else nothing more."""
    values = _values(knock)
    then = _then(knock)
    verbs = ""
    if then and (_rings(values) or _is_unanswered(values)):
        verbs = f'<Redirect method="POST">{escape(then)}</Redirect>'
    elif _rings(values):
        verbs = '<Reject reason="busy"/>'
    return _said(verbs)


def _said(verbs: str) -> Answer:
    response = f"<Response>{verbs}</Response>" if verbs else "<Response/>"
    return Answer(200, (_XML + response).encode("utf-8", "replace"), b"text/xml")


def _ended(values: dict[str, Any], knock: Knock) -> str | None:
    """How, as far as this event knows; None where the call is not over.

    A call that rings here and is passed on to nobody is rejected by us.
    """
    dialled, status = text_of(values.get("DialCallStatus")), text_of(values.get("CallStatus"))
    cases = (
        (dialled in ("completed", "answered"), ANSWERED),
        (dialled or status in _MISSED, MISSED),
        ("RecordingStatus" in values, None),
        ("RecordingUrl" in values and "CallDuration" not in values, VOICEMAIL),
        (status == "completed", ENDED),
        (_rings(values) and not _then(knock), MISSED),
    )
    return next((ended for holds, ended in cases if holds), None)


def _rings(values: dict[str, Any]) -> bool:
    """Whether Twilio asks what to do with a call that has just come in."""
    reported = any(name in values for name in (*_PROGRESS, "DialCallStatus"))
    inbound = values.get("Direction", "inbound") == "inbound"
    return values.get("CallStatus") == "ringing" and inbound and not reported


def _is_unanswered(values: dict[str, Any]) -> bool:
    return text_of(values.get("DialCallStatus")) in _MISSED


def _extra(values: dict[str, Any], ended: str | None) -> dict[str, Any]:
    """Ours by our names, everything else by Twilio's; what is empty is left out."""
    duration = next((name for name in _DURATIONS if values.get(name)), None)
    ours = {
        FIELD: ended,
        "duration": values[duration] if duration else None,
        "recording": values.get("RecordingUrl"),
    }
    rest = {n: v for n, v in values.items() if n not in ("RecordingUrl", duration)}
    return {name: value for name, value in (ours | rest).items() if value not in (None, "")}


def _values(knock: Knock) -> dict[str, Any]:
    """What Twilio says; a number that is set to GET says it in the query, beside our own."""
    try:
        values = read_urlencoded(knock.said, None).values
    except Unreadable:
        return {}
    return {name: value for name, value in values.items() if name != _THEN}


def _sorted(body: bytes) -> Iterator[str]:
    """Names each followed by its values, in order; a value that came twice counts once."""
    try:
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        pairs = [("", body.decode("latin-1"))]
    for name, value in sorted(set(pairs)):
        yield name + value


def _algorithm(knock: Knock) -> bytes:
    for part in knock.headers.get(_SETTINGS, b"").split(b","):
        name, _, value = part.partition(b"=")
        if name.strip() == b"algorithm" and value.strip():
            return value.strip().upper()
    return b"HMAC_SHA1"


def _spelled(url: str) -> Iterator[str]:
    """The URL as it is, and with its port left out, or its scheme's own one said."""
    yield url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    own = _PORTS.get(parts.scheme)
    if port is None and own is None:
        return
    other = f"{parts.netloc}:{own}" if port is None else parts.netloc.removesuffix(f":{port}")
    yield url.replace(f"://{parts.netloc}", f"://{other}", 1)


def _query(knock: Knock) -> list[tuple[str, str]]:
    try:
        return parse_qsl(knock.query.decode("latin-1"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return []


def _then(knock: Knock) -> str:
    then = dict(_query(knock)).get(_THEN, "")
    return then if then.startswith(("https://", "http://")) else ""


def _begun(values: dict[str, Any]) -> datetime | None:
    """When the call began, where a report says when it ended and how long it was.

    So the report is older than what came of the call, and does not hide it (`ended`).
    """
    lasted = id_text(values.get("CallDuration")) or "0"
    try:
        ended = parsedate_to_datetime(text_of(values.get("Timestamp"))).astimezone(UTC)
        return credible(ended - timedelta(seconds=int(lasted)))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


TWILIO: Final = Kind(
    "twilio",
    prove,
    parse_call,
    answer=_said(""),
    answers=answer,
    submits="call",
    is_signed=True,
    signs_url=True,
    calls_by_get=True,
)
