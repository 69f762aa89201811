"""How platforms sign what they send: the same work as theirs, for calls made now."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

STANDARD_ID = "msg_of_the_tests"


class Sent(NamedTuple):
    """What is about to be sent."""

    body: bytes
    secret: str
    now: int
    """Seconds since 1970."""
    url: str
    headers: Mapping[str, str]
    """Names in lower case, without the proof."""


def digest(secret: str | bytes, message: bytes, by: Callable[..., Any] = hashlib.sha256) -> bytes:
    key = secret if isinstance(secret, bytes) else secret.encode()
    return hmac.new(key, message, by).digest()


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _meta(sent: Sent) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={digest(sent.secret, sent.body).hex()}"}


def _linkedin(sent: Sent) -> dict[str, str]:
    return {"x-li-signature": digest(sent.secret, b"hmacsha256=" + sent.body).hex()}


def _tiktok(sent: Sent) -> dict[str, str]:
    made = digest(sent.secret, b"%d.%b" % (sent.now, sent.body)).hex()
    return {"tiktok-signature": f"t={sent.now},s={made}"}


def _typeform(sent: Sent) -> dict[str, str]:
    return {"typeform-signature": f"sha256={base64_of(digest(sent.secret, sent.body))}"}


def _calendly(sent: Sent) -> dict[str, str]:
    made = digest(sent.secret, b"%d.%b" % (sent.now, sent.body)).hex()
    return {"calendly-webhook-signature": f"t={sent.now},v1={made}"}


def _webflow(sent: Sent) -> dict[str, str]:
    moment = sent.now * 1000
    made = digest(sent.secret, b"%d:%b" % (moment, sent.body)).hex()
    return {"x-webflow-timestamp": str(moment), "x-webflow-signature": made}


def _tally(sent: Sent) -> dict[str, str]:
    return {"tally-signature": base64_of(digest(sent.secret, sent.body))}


def _wpforms(sent: Sent) -> dict[str, str]:
    made = digest(sent.secret, b"%d.%b" % (sent.now, sent.body)).hex()
    return {"x-wpforms-webhook-signature": f"t={sent.now},v={made}"}


def _hubspot(sent: Sent) -> dict[str, str]:
    """By v3, and as workflows do by v2 what was recorded so."""
    moment = str(sent.now * 1000)
    called = b"POST" + sent.url.encode() + sent.body
    if sent.headers.get("x-hubspot-signature-version") == "v2":
        made = hashlib.sha256(sent.secret.encode() + called).hexdigest()
        return {"x-hubspot-signature": made}
    signed = called + moment.encode()
    return {
        "x-hubspot-request-timestamp": moment,
        "x-hubspot-signature-v3": base64_of(digest(sent.secret, signed)),
    }


def _chatwoot(sent: Sent) -> dict[str, str]:
    made = digest(sent.secret, b"%d.%b" % (sent.now, sent.body)).hex()
    return {"x-chatwoot-timestamp": str(sent.now), "x-chatwoot-signature": f"sha256={made}"}


def _crisp(sent: Sent) -> dict[str, str]:
    moment = sent.now * 1000
    made = digest(sent.secret, b"[%d;%b]" % (moment, sent.body)).hex()
    return {"x-crisp-request-timestamp": str(moment), "x-crisp-signature": made}


def _intercom(sent: Sent) -> dict[str, str]:
    return {"x-hub-signature": f"sha1={digest(sent.secret, sent.body, hashlib.sha1).hex()}"}


def _tawk(sent: Sent) -> dict[str, str]:
    return {"x-tawk-signature": digest(sent.secret, sent.body, hashlib.sha1).hex()}


def _twilio(sent: Sent) -> dict[str, str]:
    fields = sorted(parse_qsl(sent.body.decode(), keep_blank_values=True))
    signed = sent.url + "".join(name + value for name, value in fields)
    made = digest(sent.secret, signed.encode(), hashlib.sha1)
    return {"x-twilio-signature": base64_of(made)}


def _callrail(sent: Sent) -> dict[str, str]:
    return {"signature": base64_of(digest(sent.secret, sent.body, hashlib.sha1))}


def _standard(sent: Sent) -> dict[str, str]:
    id_ = sent.headers.get("webhook-id", STANDARD_ID)
    key = base64.b64decode(sent.secret.removeprefix("whsec_"))
    made = base64_of(digest(key, f"{id_}.{sent.now}.".encode() + sent.body))
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(sent.now),
        "webhook-signature": f"v1,{made}",
    }


def _telegram(sent: Sent) -> dict[str, str]:
    return {"x-telegram-bot-api-secret-token": sent.secret}


def _nothing(_sent: Sent) -> dict[str, str]:
    """The key is in the body."""
    return {}


def _token(sent: Sent) -> dict[str, str]:
    return {"x-lead-token": sent.secret}


_SIGNERS: dict[str, Callable[[Sent], dict[str, str]]] = {
    "meta": _meta, "whatsapp": _meta, "instagram": _meta, "linkedin": _linkedin,
    "google-ads": _nothing, "tiktok": _tiktok, "typeform": _typeform, "calendly": _calendly,
    "webflow": _webflow, "tally": _tally, "wpforms": _wpforms, "hubspot": _hubspot,
    "chatwoot": _chatwoot, "crisp": _crisp, "intercom": _intercom, "tawk": _tawk,
    "twilio": _twilio, "callrail": _callrail, "standard": _standard, "cloudevents": _standard,
    "google-forms": _standard, "telegram": _telegram,
}  # fmt: skip


def dated(kind: str, body: bytes, now: int) -> bytes:
    """The body as its platform would send it at that moment, where the body itself says when."""
    if kind != "callrail":
        return body
    moment = datetime.fromtimestamp(now, UTC).isoformat().encode()
    return re.sub(rb'(?<="timestamp":")[^"]*', moment, body)


def signed(kind: str, sent: Sent) -> dict[str, str]:
    """All headers of a call: its own and the platform's proof; X-Lead-Token where it has none."""
    return {**sent.headers, **_SIGNERS.get(kind, _token)(sent)}
