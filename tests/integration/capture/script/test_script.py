"""`GET /s.js` as a file: its size, how long it is kept, who may load it."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.capture.reading.attribution import FLAT
from services.capture.script import PARTS, source
from tests.fixtures.capture.capturing import Worker, capturing

MOST_BYTES = 6000


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path) as running:
        yield running


async def test_it_is_small_and_kept_for_a_while(worker: Worker) -> None:
    packed = await worker.http.get("/s.js", headers={"Accept-Encoding": "br, gzip"})
    plain = await worker.http.get("/s.js", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < MOST_BYTES
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text == source()
    assert len(gzip.compress(plain.content)) < MOST_BYTES
    for answer in (packed, plain):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert re.search(
            r"max-age=\d{1,3}, stale-while-revalidate=\d+", answer.headers["cache-control"]
        )
    head = await worker.http.head("/s.js")
    assert (head.status_code, head.content) == (200, b"")
    assert (await worker.http.post("/s.js")).headers["allow"] == "GET, HEAD"


async def test_who_has_it_is_told_so(worker: Worker) -> None:
    tag = (await worker.http.get("/s.js")).headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = await worker.http.get("/s.js", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert "stale-while-revalidate" in answer.headers["cache-control"]
        assert "content-length" not in answer.headers
    other = await worker.http.get("/s.js", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_it_knows_every_parameter_that_the_door_reads() -> None:
    text = source()
    for name in FLAT - {"_fbp", "_fbc"}:  # cookies of a pixel, no parameters
        assert re.search(rf"\b{name}\b", text), name


def test_nothing_in_it_is_run_from_text() -> None:
    text = source()
    for word in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write"):
        assert word not in text
    assert not re.search(r"setAttribute\(\s*[\"'](?:style|on)", text)


def test_every_source_is_a_part() -> None:
    folder = Path(__file__).parents[4] / "services" / "capture" / "script"
    assert {file.stem for file in folder.glob("*.js")} == set(PARTS)


async def test_a_page_may_send_a_key_and_read_where_thanks_are_said(worker: Worker) -> None:
    home = {"Origin": "https://nil.example"}
    asked = {"Access-Control-Request-Headers": "content-type,idempotency-key"}
    preflight = await worker.http.options("/v1/forms/contact", headers=home | asked)
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"]
    said, key = {"phone": "09121112233"}, {"Idempotency-Key": "k-1"}
    answers = [await worker.posted("contact", json=said, headers=home | key) for _ in range(2)]
    for answer in answers:
        assert answer.headers["location"].startswith("https://nil.example/%D8%B3")
        assert "location" in answer.headers["access-control-expose-headers"]
    assert answers[0].json() == answers[1].json()
    assert len({event.id for event in worker.log.events}) == 1
    plain = await worker.posted("plain", json=said, headers=home)
    assert "location" not in plain.headers
