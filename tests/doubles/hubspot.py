"""A CRM API that behaves badly on demand: one contact behind each id."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.doubles.graph import Graph


def contact(item: str) -> dict[str, Any]:
    """Each has a name and a phone of its own."""
    digits = "".join(filter(str.isdecimal, item))[-7:].zfill(7)
    properties = {"firstname": "نیلوفر", "lastname": digits, "phone": f"+98912{digits}"}
    more = {"email": None, "city": "تهران", "createdate": "2026-11-21T09:59:58.500Z"}
    return {"id": item, "properties": {**properties, **more}, "archived": False}


class HubSpot(Graph):
    """Answers by `mood`; of limits it names the policy that was reached."""

    def __init__(self) -> None:
        super().__init__()
        self.policy = "TEN_SECONDLY_ROLLING"

    def whole(self, item: str) -> bytes:
        return self.leads.get(item) or json.dumps(contact(item)).encode()

    def _throttles(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 429, errorType="RATE_LIMIT", policyName=self.policy)

    def _bad_token(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 401, category="EXPIRED_AUTHENTICATION")

    def _forbids(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 403, category="MISSING_SCOPES")

    def _misses(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 404)

    def _err(self, call: BaseHTTPRequestHandler, status: int, **more: Any) -> None:
        self._say(call, status, json.dumps({"status": "error", "message": "m", **more}).encode())
