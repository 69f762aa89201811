"""A profile API that behaves badly on demand: names behind scoped ids."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler

from tests.doubles.graph import Graph, error


class Profiles(Graph):
    """Answers by `mood`; each person has a name made of their id."""

    def whole(self, item: str) -> bytes:
        profile = {"name": f"نیلوفر {item}", "username": f"niloo.{item}", "id": item}
        return self.leads.get(item) or json.dumps(profile).encode()

    def _disagrees(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 403, json.dumps(error(230)).encode())
