"""Chatwoot and Crisp: a message into a conversation of theirs.

https://developers.chatwoot.com/api-reference/messages/create-new-message
https://docs.crisp.chat/references/rest-api/v1/#send-a-message-in-conversation
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.replies.contract import (
    JSON,
    Outcome,
    Post,
    Replying,
    Sent,
    below,
    encoded,
    is_good,
    judged,
)
from services.capture.sources.fetch import Reply
from services.capture.sources.rest import trouble


def post_chatwoot(address: Mapping[str, str], text: str, source: Source) -> Post:
    """As the agent or agent bot whose token it is."""
    place = f"accounts/{address['account']}/conversations/{address['conversation']}/messages"
    headers = {**JSON, "api_access_token": source.access_token or ""}
    body = {"content": text, "message_type": "outgoing", "private": False}
    url = f"{below(source, 'https://app.chatwoot.com')}/api/v1/{place}"
    return Post(url, headers, encoded(body))


def post_crisp(address: Mapping[str, str], text: str, source: Source) -> Post:
    """By a plugin's token, written as `identifier:key`."""
    place = f"website/{address['website']}/conversation/{address['session']}/message"
    told = b64encode((source.access_token or "").encode()).decode()
    headers = {**JSON, "authorization": f"Basic {told}", "x-crisp-tier": "plugin"}
    body = {"type": "text", "from": "operator", "origin": "chat", "content": text}
    url = f"{below(source, 'https://api.crisp.chat')}/v1/{place}"
    return Post(url, headers, encoded(body))


def read(reply: Reply) -> Outcome:
    """By HTTP's status: Crisp says 202."""
    if is_good(reply):
        return Sent()
    return judged(reply, trouble(reply, f"http_{reply.status}"))


CHATWOOT: Final = Replying("chatwoot", post_chatwoot, read)
CRISP: Final = Replying("crisp", post_crisp, read)
