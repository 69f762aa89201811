"""Who is behind an Instagram-scoped id: Meta tells it of those who have written to us.

https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/user-profile
"""

from __future__ import annotations

from typing import Final

from libs.common.bodies import Unreadable
from libs.common.configuration.schema import Source
from services.capture.sources import graph, rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import (
    Content,
    Failed,
    Item,
    Missing,
    Refused,
    Reply,
    Request,
    Result,
)
from services.capture.sources.values import canonical, texts

_ASKED: Final = "name,username"
_NO_CONSENT: Final = "230"
"""This person has not agreed, which says nothing of the others."""


def request(item: Item, source: Source) -> Request:
    """The profile of one person."""
    return graph.request(source, f"{item.key}?fields={_ASKED}")


def read(item: Item, _source: Source, reply: Reply) -> Result:
    """The name, or the user name of who has set none; or what the error asks for.

    Who cannot be looked at (they have blocked us, or never agreed) is no lack of a right.
    """
    wrong = graph.trouble(reply)
    if isinstance(wrong, Missing):
        return wrong._replace(own=True)
    if isinstance(wrong, Refused) and wrong.code.partition("/")[0] == _NO_CONSENT:
        return Missing(wrong.code, own=True)
    if wrong is not None:
        return wrong
    try:
        profile = rest.json_object(reply.body)
    except Unreadable:
        return Failed("cut_answer")
    said = {part: text.strip() for part, text in texts(profile or {}, "name", "username").items()}
    name = said.get("name") or said.get("username")
    if not name:
        return Missing("no_name", own=True)
    extra = {"username": said["username"]} if said.get("username") else {}
    return Content(
        Arrival(item.key, canonical(said), {"name": name}, extra, raw=reply.body, nickname=True)
    )
