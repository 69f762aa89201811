"""What every kind has beside its file: recorded calls and what each is to become.

`tests/fixtures/<kind>/expected.json`, written by hand from the platform's documentation:

- `clock`: seconds since 1970 when the calls were recorded; `secret`; `configured`: more of the
  source's settings; `fresh`: the seconds that a call may be late, where its time is signed (a
  delivery that is proven without a time says null);
- `deliveries`: `file` (the body byte for byte, or with `"envelope": true` an object with method,
  url, headers and body), `headers` as recorded with the proof, `url`, `tail`, `status`
  (200 unless it says so), and `arrivals`: the facts of each one, and the `state` in which its
  submission ends; of one that is taken back `{"withdrawn": true, "key": …, "state": "erased"}`.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from libs.common.configuration.schema import Source
from services.capture.sources import SOURCES, Kind, Knock
from tests.unit.capture.sources.samples import FOLDER, body, expected, source

OWN_SHAPE = frozenset({"meta", "google-ads"})
"""Kinds whose expectations have a shape of their own, from before there were so many."""


class Recorded(NamedTuple):
    """One call of a platform."""

    kind: Kind
    about: dict[str, Any]
    """The whole page of expectations."""
    delivery: dict[str, Any]
    knock: Knock

    def configured(self, **changed: Any) -> Source:
        """The source that it is for."""
        given = {"secret": self.about.get("secret"), **self.about.get("configured", {})}
        return source(self.kind.kind, **{**given, **changed})

    @property
    def clock(self) -> float:
        return float(self.about["clock"])

    @property
    def is_refused(self) -> bool:
        return bool(self.delivery.get("status", 200) != 200)


def recorded() -> list[Recorded]:
    """All calls of all kinds, in the order of the files."""
    found = []
    for kind in SOURCES:
        if kind.kind in OWN_SHAPE or not (FOLDER / kind.kind / "expected.json").exists():
            continue
        about = expected(kind.kind)
        found += [Recorded(kind, about, each, knocked(kind, each)) for each in about["deliveries"]]
    return found


def knocked(kind: Kind, delivery: dict[str, Any]) -> Knock:
    """The call as it came."""
    raw = body(kind.kind, delivery["file"])
    headers, url, method = delivery.get("headers", {}), delivery.get("url", ""), "POST"
    if delivery.get("envelope"):
        envelope = json.loads(raw)
        raw, method = (envelope.get("body") or "").encode(), envelope["method"]
        url, headers = envelope["url"], {**envelope["headers"], **headers}
    named = {name.lower().encode(): text.encode() for name, text in headers.items()}
    query = url.partition("?")[2].encode()
    return Knock(method, "/", query, named, raw, delivery.get("tail", ""), url)
