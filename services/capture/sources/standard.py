"""Standard Webhooks 1.0.0: for senders whose scheme we choose.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
Svix's headers are the same under other names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.normal.nested import data_of, is_enveloped, sort_out_nested
from services.capture.reading.attribution import Origins, attributed
from services.capture.reading.consent import consented
from services.capture.sources.arrival import DUPLICATES, UNEXPECTED, Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.values import canonical, is_yes, of_iso

TOLERANCE: Final = 300
"""Seconds that a timestamp may be off, either way."""
_PREFIXES: Final = (b"webhook-", b"svix-")
_MOST_SIGNATURES: Final = 32
_LONGEST_ID: Final = 256


def prove(knock: Knock, source: Source, now: float) -> bool:
    """By any of the secrets, in any of the signatures, on the raw bytes."""
    id_, timestamp, signatures = _headers(knock.headers)
    if not 0 < len(id_) <= _LONGEST_ID or not _is_fresh(timestamp, now):
        return False
    signed = b".".join((id_, timestamp, knock.body))
    wanted = [hmac.new(key, signed, hashlib.sha256).digest() for key in _keys(source)]
    proven = False
    for given in signatures.split(b" ")[:_MOST_SIGNATURES]:
        version, _, signature = given.partition(b",")
        if version == b"v1":
            for digest in wanted:
                proven |= hmac.compare_digest(_bare(base64.b64encode(digest)), _bare(signature))
    return proven


def parse_lead(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission under the call's own id: mapped by the configuration, else by common names."""
    key = _headers(knock.headers)[0].decode("latin-1")
    try:
        body, flags = parse(knock.body)
    except Unreadable:
        return [Arrival(key, knock.body, held=UNEXPECTED)]
    return [lead_of(key, body if isinstance(body, dict) else {}, flags, knock.body, source)]


def lead_of(
    key: str | None, whole: dict[str, Any], flags: frozenset[str], raw: bytes, source: Source
) -> Arrival:
    """One submission in a message of `type`, `timestamp` and `data`, or in its data alone."""
    named, data = is_enveloped(whole), data_of(whole)
    fields, leaves, candidates = sort_out_nested(whole, source.fields)
    odd = UNEXPECTED if not fields and not named else None
    attribution, _ = attributed(leaves | _utm(data), Origins(page=source.page))
    return Arrival(
        key,
        canonical(data) if data else raw,
        fields,
        _extra(data, whole, flags),
        attribution,
        consented(data)[0],
        DUPLICATES if DUPLICATES in flags else odd,
        is_yes(data.get("test")) or is_yes(whole.get("test")),
        occurred_at=of_iso(whole.get("timestamp")) if named else None,
        candidates=candidates,
    )


def _headers(headers: Mapping[bytes, bytes]) -> tuple[bytes, bytes, bytes]:
    prefix = next((name for name in _PREFIXES if name + b"id" in headers), _PREFIXES[0])
    id_, timestamp, signature = (
        headers.get(prefix + name, b"") for name in (b"id", b"timestamp", b"signature")
    )
    return id_, timestamp, signature


def _is_fresh(timestamp: bytes, now: float) -> bool:
    return (
        timestamp.isdigit() and len(timestamp) <= 12 and abs(int(timestamp) - now) <= TOLERANCE  # noqa: PLR2004  # seconds until the year 33658
    )


def _keys(source: Source) -> list[bytes]:
    keys = []
    for secret in source.secret or ():
        text = _bare(secret.removeprefix("whsec_").encode())
        try:
            keys.append(base64.b64decode(text + b"=" * (-len(text) % 4), validate=True))
        except binascii.Error:
            continue
    return [key for key in keys if key]


def _bare(encoded: bytes) -> bytes:
    return encoded.rstrip(b"=")


def _utm(data: Mapping[str, Any]) -> dict[str, Any]:
    """`{"utm": {"source": …}}` as the flat names that forms use."""
    utm = data.get("utm")
    if not isinstance(utm, dict):
        return {}
    return {f"utm_{name.removeprefix('utm_')}": value for name, value in utm.items()}


def _extra(
    data: Mapping[str, Any], whole: Mapping[str, Any], flags: frozenset[str]
) -> dict[str, Any]:
    extra = dict(data)
    if isinstance(whole.get("type"), str):
        extra.setdefault("type", whole["type"])
    if flags:
        extra["_repaired"] = sorted(flags)
    return extra


STANDARD: Final = Kind("standard", prove, parse_lead, is_signed=True)
