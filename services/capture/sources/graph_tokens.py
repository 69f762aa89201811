"""When a token of Meta's Graph API ends: its own end, or that of its access to data.

Only an app may ask of its tokens, so the app is asked for first. The question is documented as a
GET with the token in its address; in a batch it is in the body of a POST.

https://developers.facebook.com/docs/graph-api/reference/debug_token
https://developers.facebook.com/docs/graph-api/batch-requests
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from services.capture.sources import graph
from services.capture.sources.fetch import Failed, Reply, Trouble
from services.capture.sources.introspection import Ends, Onward
from services.capture.sources.values import id_text, mapping, of_seconds

_NEVER: Final = 0


def asked(source: Source) -> Onward | None:
    """First of which app the token is; None without the app's secret."""
    secret = next(filter(None, source.secret or ()), None)
    if secret is None:
        return None
    return Onward(graph.request(source, "app?fields=id"), partial(_of_app, source, secret))


def _of_app(source: Source, secret: str, reply: Reply) -> Trouble | Onward:
    wrong = graph.trouble(reply)
    if wrong is not None:
        return wrong
    app = id_text(mapping(_value(reply.body)).get("id")) or ""
    if not app.isdecimal():
        return Failed("no_app")
    token = quote(source.access_token or "", safe="")
    one = {"method": "GET", "relative_url": f"debug_token?input_token={token}"}
    batch = graph.request(source.model_copy(update={"access_token": f"{app}|{secret}"}), "")
    form = {"batch": json.dumps([one]), "include_headers": "false"}
    return Onward(
        batch._replace(
            headers={**batch.headers, "content-type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
        ),
        _read,
    )


def _read(reply: Reply) -> Ends | Trouble:
    wrong = graph.trouble(reply)
    if wrong is not None:
        return wrong
    answers = _value(reply.body)
    one = mapping(answers[0]) if isinstance(answers, list) and answers else {}
    status, body = one.get("code"), one.get("body")
    if not isinstance(status, int) or not isinstance(body, str):
        return Failed("no_answer")
    inner = Reply(status, {}, body.encode())
    return graph.trouble(inner) or _ends(mapping(mapping(_value(inner.body)).get("data")))


def _ends(data: dict[str, Any]) -> Ends | Failed:
    own, access = data.get("expires_at"), data.get("data_access_expires_at", _NEVER)
    found: list[datetime] = []
    for said in (own, access):
        at = of_seconds(said)
        if at is not None:
            found.append(at)
        elif said != _NEVER or isinstance(said, bool):
            return Failed("no_end")
    return Ends(min(found, default=None))


def _value(body: bytes) -> Any:
    """What was answered; None for an answer that was cut."""
    try:
        return parse(body).value
    except Unreadable:
        return None
