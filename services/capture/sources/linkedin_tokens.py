"""When a token of LinkedIn's API ends, as its app may ask.

https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from libs.common.bodies import Unreadable
from libs.common.configuration.schema import Source
from services.capture.sources import rest
from services.capture.sources.fetch import Failed, Reply, Request, Trouble
from services.capture.sources.introspection import Ends, Onward
from services.capture.sources.values import of_seconds

ADDRESS: Final = "https://www.linkedin.com"
_FORM: Final = "application/x-www-form-urlencoded"


def asked(source: Source) -> Onward | None:
    """None without the app's `client_id` and secret."""
    secret = next(filter(None, source.secret or ()), None)
    if not source.client_id or secret is None:
        return None
    form = {
        "client_id": source.client_id,
        "client_secret": secret,
        "token": source.access_token or "",
    }
    base = (source.api_url or ADDRESS).rstrip("/")
    headers = {"content-type": _FORM, "accept": "application/json"}
    return Onward(
        Request(f"{base}/oauth/v2/introspectToken", headers, urlencode(form).encode()), _read
    )


def _read(reply: Reply) -> Ends | Trouble:
    wrong = rest.trouble(reply, f"http_{reply.status}")
    if wrong is not None:
        return wrong
    try:
        said = rest.json_object(reply.body) or {}
    except Unreadable:
        return Failed("cut_answer")
    at = of_seconds(said.get("expires_at"))
    return Ends(at) if at else Failed("no_end")
