"""Recorded deliveries as knocks, and arrivals in the words of the expectations beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import Arrival, Knock
from services.capture.sources.arrival import Withdrawn

FOLDER = Path(__file__).parents[3] / "fixtures"


def expected(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / kind / "expected.json").read_text("utf-8"))
    return found


def body(kind: str, file: str) -> bytes:
    return (FOLDER / kind / file).read_bytes()


def knock(raw: bytes, tail: str = "", **headers: str) -> Knock:
    named = {n.replace("_", "-").encode(): text.encode() for n, text in headers.items()}
    return Knock("POST", "/", b"", named, raw, tail)


def source(kind: str, **more: Any) -> Source:
    return Source.model_validate({"key": "s", "kind": kind, **more})


def arrivals_in(found: Sequence[Arrival | Withdrawn]) -> list[Arrival]:
    """What arrived, where nothing was taken back."""
    arrived = [each for each in found if isinstance(each, Arrival)]
    assert len(arrived) == len(found)
    return arrived


def told(arrival: Arrival, attribution: Attribution, *names: str) -> dict[str, Any]:
    """Those facts of an arrival that an expectation names."""
    moment = arrival.occurred_at
    known: dict[str, Any] = {
        **arrival._asdict(),
        "fields": dict(arrival.fields),
        "extra": dict(arrival.extra),
        "proven": list(arrival.proven),
        "occurred_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None,
        "ad": attribution.ad,
        "utm": attribution.utm,
        "click_ids": attribution.click_ids,
        "qr": attribution.qr,
        "page_url": attribution.page_url,
    }
    return {name: known[name] for name in names}
