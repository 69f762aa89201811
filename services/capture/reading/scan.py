"""Where a scanned code leads, with the token that joins a later form or chat to the scan."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

from libs.common.bodies.texts import repaired
from libs.common.configuration.codes import MESSENGERS, host_of
from libs.common.configuration.schema import Qr
from services.capture.reading.attribution import SCAN

START: Final = "sn_"
"""Before the token in a bot's start payload, which takes 64 letters of A-Za-z0-9_- at most
(https://core.telegram.org/bots/features#deep-linking)."""

_TEXT: Final = "text"
"""Of WhatsApp's links: what the person is about to send, where the token stands after the words."""
_MEDIUM: Final = "qr"
_MOST_PARAMETERS: Final = 50
_URL_LETTERS: Final = ":/?#[]@!$&'()*+,;=%-._~"


def onward(target: str, token: str | None) -> str:
    """The target as a Location header takes it, its own query and fragment kept.

    With a token, the parameter `_sn` carries it to a page, and a messenger's own to a chat.
    Without one (nobody was there to scan) the target is as configured.
    """
    if token is None:
        return quote(target, safe=_URL_LETTERS)
    parts = urlsplit(target)
    name = MESSENGERS.get(host_of(target) or "")
    value = START + token if name else token
    if name == _TEXT:
        said = " ".join(dict(parse_qsl(parts.query)).get(_TEXT, "").split())
        value = quote(f"{said} {value}".strip())
    name = name or SCAN
    own = [
        pair
        for pair in parts.query.split("&")
        if pair and unquote_plus(pair.partition("=")[0]) != name
    ]
    query = "&".join([*own, f"{name}={value}"])
    return quote(urlunsplit(parts._replace(query=query)), safe=_URL_LETTERS)


def is_messenger(target: str) -> bool:
    """Whether a link opens a chat with a bot, and no page of a site."""
    return host_of(target) in MESSENGERS


def campaigned(code: Qr) -> dict[str, str]:
    """The code's own campaign, as links say it; what its target says of that goes first."""
    own = {"utm_campaign": code.campaign, "utm_medium": _MEDIUM} if code.campaign else {}
    said = dict(parse_qsl(urlsplit(code.target).query))
    return {name: text for name, text in own.items() if name not in said}


def hung(code: Qr) -> dict[str, str]:
    """What staff call the code and where it hangs, as far as the file says."""
    said = {"label": code.label, "booth": code.booth}
    return {name: text for name, text in said.items() if text}


def carried(target: str, asked: str) -> dict[str, str]:
    """What the scan says of itself, as a form's flat fields would: the page, and the campaign.

    `asked` is the query under which the code itself was asked for.
    """
    pairs = parse_qsl("&".join(asked.split("&")[:_MOST_PARAMETERS]))
    said = {name: repaired(text).text for name, text in pairs}
    said.pop(SCAN, None)
    if is_messenger(target):
        return {name: text for name, text in said.items() if name != "page_url"}
    return said | {"page_url": target}
