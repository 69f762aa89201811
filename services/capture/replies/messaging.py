"""WhatsApp and Instagram: messages by Meta's Graph API, within 24 hours of the customer's last.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.replies.contract import (
    JSON,
    Busy,
    Denied,
    Outcome,
    Post,
    Replying,
    encoded,
    judged,
)
from services.capture.sources.fetch import Reply
from services.capture.sources.graph import request, trouble

_TOO_OFTEN: Final = frozenset({"80007", "130429", "131048", "131056"})
"""WhatsApp's own limits: of the account, of messages a second, of spam, of one chat."""


def post_whatsapp(address: Mapping[str, str], text: str, source: Source) -> Post:
    """From the number that was written to."""
    asked = request(source, f"{address['number']}/messages")
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": address["to"],
        "type": "text",
        "text": {"preview_url": False, "body": text},
    }
    return Post(asked.url, {**asked.headers, **JSON}, encoded(body))


def post_instagram(address: Mapping[str, str], text: str, source: Source) -> Post:
    """From the token's own account, or its page."""
    asked = request(source, "me/messages")
    body: dict[str, object] = {"recipient": {"id": address["to"]}, "message": {"text": text}}
    if "type" in address:
        body["messaging_type"] = address["type"]
    return Post(asked.url, {**asked.headers, **JSON}, encoded(body))


def read(reply: Reply) -> Outcome:
    """Meta's own code decides."""
    found = judged(reply, trouble(reply))
    if isinstance(found, Denied) and found.code.partition("/")[0] in _TOO_OFTEN:
        return Busy(found.code)
    return found


WHATSAPP: Final = Replying("whatsapp", post_whatsapp, read)
INSTAGRAM: Final = Replying("instagram", post_instagram, read)
