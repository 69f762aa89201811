"""LinkedIn Lead Sync: the call brings the lead's name (a URN), the API the lead and its form.

https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs

import msgspec

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from services.capture.calls.call import Answer
from services.capture.sources import linkedin_leads, linkedin_lists, linkedin_tokens
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, Withdrawn, odd
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import Fetch
from services.capture.sources.linkedin_leads import of_urn
from services.capture.sources.linkedin_lists import announced
from services.capture.sources.proofs import is_signed
from services.capture.sources.values import mapping

READABLE_FOR_DAYS: Final = 365
"""As LinkedIn's own collection of requests says; a lead that is gone before is held."""
_SIGNED: Final = b"hmacsha256="
_LEAD: Final = "LEAD_ACTION"
_CODE: Final = re.compile(r"[0-9A-Za-z-]{16,64}")
"""What a challenge may be: the answer is a signature, so nothing else is signed for anybody."""


def shake_hands(knock: Knock, source: Source) -> Answer | None:
    """The challenge with its HMAC by the client secret, the first where there are two.

    An `applicationId` (it names a child application) chooses no secret: each has its own source,
    and LinkedIn, which compares the answer, refuses that of another application.
    """
    asked = parse_qs(knock.query.decode("latin-1"), keep_blank_values=True)
    code = asked.get("challengeCode", [""])[0]
    secret = next(filter(None, source.secret or ()), None)
    if secret is None or not _CODE.fullmatch(code):
        return None
    made = hmac.new(secret.encode(), code.encode(), hashlib.sha256).hexdigest()
    return Answer(200, msgspec.json.encode({"challengeCode": code, "challengeResponse": made}))


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """X-LI-Signature in either of the readings of its documentation; both need the secret.

    A body that could be a challenge proves nothing: the handshake signs those for everybody.
    """
    given = _signature(knock)
    proven = is_signed(_SIGNED + knock.body, given, source) | is_signed(knock.body, given, source)
    return proven and not _CODE.fullmatch(knock.body.decode("latin-1"))


def parse_action(knock: Knock, source: Source) -> Sequence[Arrival | Withdrawn]:
    """One lead that came or was taken back; what LinkedIn tells of posts is none of ours."""
    try:
        value, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    body = mapping(value)
    if DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES)]
    if isinstance(body.get("type"), str) and body["type"] != _LEAD:
        return []
    key, action = of_urn(body.get("leadGenFormResponse")), body.get("leadAction")
    if key is None or action not in ("CREATED", "DELETED"):
        return [odd(knock.body)]
    if action == "DELETED":
        return [Withdrawn(key)]
    older = is_signed(knock.body, _signature(knock), source)
    return [announced(key, body, source, {"signed": "body alone"} if older else None)]


def _signature(knock: Knock) -> bytes:
    return knock.headers.get(b"x-li-signature", b"").removeprefix(_SIGNED)


LINKEDIN: Final = Kind(
    "linkedin",
    prove,
    parse_action,
    has_forms=True,
    is_signed=True,
    handshake=shake_hands,
    fetch=Fetch(linkedin_leads.request, linkedin_leads.read, READABLE_FOR_DAYS),
    listing=linkedin_lists.LISTING,
    introspection=linkedin_tokens.asked,
)
