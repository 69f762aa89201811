"""Links that staff get in messages: signed, so that they need no sign-in, and soon void.

A link only shows; what it offers is done by a POST of the page that it opens, because mail
scanners and chat previews open every link they see.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec

from libs.common.settings import Settings

PATH: Final = "/a/"
"""Where the desk takes them."""
VALID_FOR: Final = timedelta(days=30)
_LABEL: Final = b"sarnakh link v1:"
_MAC_BYTES: Final = 16
_LONGEST: Final = 1024
_EVERY_ADDRESS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - not bound, only recognised


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """What a link lets its holder do: act on one lead as one specialist."""

    lead_id: str
    notification_id: str
    specialist: str
    until: datetime


def desk_address(settings: Settings) -> str:
    """The desk as staff see it, without a slash at the end."""
    if settings.desk_url:
        return settings.desk_url.rstrip("/")
    host = settings.desk_host if settings.desk_host not in _EVERY_ADDRESS else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.desk_port}"


def mint(secret: str, grant: Grant) -> str:
    """The token of a grant, fit for a URL; `secret` is the desk's own token."""
    content = msgspec.msgpack.encode(grant)
    return _text(_mac(secret, content) + content)


def read(secret: str, token: str, now: datetime) -> Grant | None:
    """The grant of a token; None for one that is forged, cut or too old."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    try:
        whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    mac, content = whole[:_MAC_BYTES], whole[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, content)):
        return None
    try:
        grant = msgspec.msgpack.decode(content, type=Grant)
    except msgspec.MsgspecError:
        return None
    return grant if now < grant.until else None


def _mac(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), _LABEL + content, sha256).digest()[:_MAC_BYTES]


def _text(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()
