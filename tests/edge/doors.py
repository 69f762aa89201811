"""Each door as its honest callers use it: where to, how they prove themselves, what is set up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.edge.catalogue import SECRET, VERIFY, Case
from tests.edge.wire import Words, written

Headers = dict[str, Any]

JSON: Final = "application/json"
URLENCODED: Final = "application/x-www-form-urlencoded"
WRONG: Final = "the-secret-of-somebody-else"
_PLACES: Final = {
    "form": ("POST", "/v1/forms/@case@", URLENCODED),
    "lead": ("POST", "/v1/leads", JSON),
    "activity": ("POST", "/v1/activities", JSON),
    "code": ("GET", "/q/@case@", None),
    "desk": ("GET", "/", JSON),
    **{
        kind: ("POST", f"/v1/webhooks/{kind}/@case@", JSON)
        for kind in ("standard", "meta", "google-ads", "telegram", "json")
    },
}


def request(case: Case, desk_token: str) -> bytes:
    """Everything that a case sends."""
    words = {**case.words, "now": str(int(time.time()))}
    if case.door == "desk":
        words["secret"] = desk_token
    if "raw" in case.said:
        return written(case.said["raw"], words)
    method, path, content_type = _PLACES[case.door]
    body = written(case.said.get("body"), words)
    headers: Headers = {"Host": "localhost", "Connection": "close", "Content-Type": content_type}
    if "type" in case.said:
        headers["Content-Type"] = case.said["type"]
    if "body" in case.said and case.said.get("method", method) != "GET":
        headers["Content-Length"] = str(len(body))
    headers |= _proof(case, body, words) | case.said.get("headers", {})
    target = written(case.said.get("path", path), words)
    lines = [b"%b %b HTTP/1.1" % (case.said.get("method", method).encode(), target)]
    lines += [
        name.encode() + b": " + written(value, words)
        for name, value in headers.items()
        if value is not None
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _proof(case: Case, body: bytes, words: Words) -> Headers:
    how = case.said.get("proof", "right")
    if how == "none":
        return {}
    secret = words["secret"] if how == "right" else WRONG
    make = _PROOFS.get(case.door)
    return make(case, body, {**words, "secret": secret}) if make else {}


def _bearer(_case: Case, _body: bytes, words: Words) -> Headers:
    own = words["case"] if words["secret"] == SECRET else words["secret"]
    return {"Authorization": f"Bearer {own}"}


def _desk(_case: Case, _body: bytes, words: Words) -> Headers:
    return {"Authorization": f"Bearer {words['secret']}"}


def _standard(case: Case, body: bytes, words: Words) -> Headers:
    sign = case.said.get("sign", {})
    at = int(words["now"]) - sign.get("ago", 0)
    id_ = written(sign.get("id", "msg_@case@"), words)
    timestamp = written(sign.get("timestamp", str(at)), words)
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    if words["secret"] == WRONG:
        key = WRONG.encode()
    digest = hmac.new(key, b".".join((id_, timestamp, body)), hashlib.sha256).digest()
    signature = sign.get("signature", f"v1,{base64.b64encode(digest).decode()}")
    return {
        "webhook-id": {"bytes": id_.decode("latin-1")},
        "webhook-timestamp": {"bytes": timestamp.decode("latin-1")},
        "webhook-signature": signature,
    }


def _meta(_case: Case, body: bytes, words: Words) -> Headers:
    digest = hmac.new(words["secret"].encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


_PROOFS: Final[Mapping[str, Callable[[Case, bytes, Words], Headers]]] = {
    "lead": _bearer,
    "activity": _bearer,
    "desk": _desk,
    "standard": _standard,
    "meta": _meta,
    "telegram": lambda _c, _b, words: {"X-Telegram-Bot-Api-Secret-Token": words["secret"]},
    "json": lambda _c, _b, words: {"X-Lead-Token": words["secret"]},
}


def configuration(cases: Sequence[Case], graph: str) -> dict[str, Any]:
    """One in which each case has a form, source, key or code of its own, by its name."""
    by_door: dict[str, list[str]] = {}
    for case in cases:
        by_door.setdefault(case.door, []).append(case.id)
    forms = by_door["form"] + by_door["socket"]
    form = {"honeypot": "fax_2", "elapsed": "ms_open", "page": "nil.example/contact"}
    sara = {"key": "sara", "name": "Sara"}
    return {
        "organisation": {"name": "Nil Studio", "country": "IR", "languages": ["fa", "en"]},
        "sites": [
            {
                "key": "main",
                "hosts": ["nil.example"],
                "forms": [{"key": key, **form} for key in forms],
            }
        ],
        "sources": [
            {"key": key, "kind": door, "secret": SECRET, **_more(door, graph)}
            for door, keys in by_door.items()
            if door in {"standard", "meta", "google-ads", "telegram", "json"}
            for key in keys
        ],
        "api_keys": [
            {"key": key, "token": key} for door in ("lead", "activity") for key in by_door[door]
        ],
        "qr": [{"code": key, "target": "https://nil.example/expo?a=b"} for key in by_door["code"]],
        "teams": [
            {"key": "sales", "name": {"fa": "فروش", "en": "Sales"}, "specialists": [sara]},
        ],
        "routing": {"fallback": "sales"},
        "limits": dict.fromkeys(
            ("form_per_network", "form_refuse_above", "wrong_proofs_per_network"), "off"
        ),
    }


def _more(door: str, graph: str) -> dict[str, Any]:
    if door == "meta":
        return {"verify_token": VERIFY, "access_token": "token-1", "api_url": graph}
    return {"fields": {"phone": "data.contact.mobile"}} if door == "json" else {}
