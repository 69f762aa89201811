"""What a site's form sends twice, without an id of its own, is one submission."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from services.capture.sources import KINDS
from services.capture.sources.repeats import by_minute, of_stamp
from tests.doubles.signing import digest
from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing
from tests.unit.capture.sources.samples import knock, source

BY_MINUTE = ("contact-form-7", "elementor", "instapage", "gravity-forms", "unbounce")
SECRET = "wp-secret"
LEAD = {"name": "نیلوفر", "phone": "09121110001"}


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    sources = [f"  - {{key: {kind}, kind: {kind}, secret: s}}\n" for kind in BY_MINUTE]
    sources.append(f"  - {{key: wpforms, kind: wpforms, secret: {SECRET}}}\n")
    configuration = CONFIGURATION.replace("sources:\n", "sources:\n" + "".join(sources), 1)
    async with capturing(tmp_path, configuration=configuration) as running:
        yield running


async def post(worker: Worker, kind: str, body: bytes, **headers: str) -> None:
    named = {"x-lead-token": "s", **{n.replace("_", "-"): said for n, said in headers.items()}}
    answer = await worker.http.post(f"/v1/webhooks/{kind}/{kind}", content=body, headers=named)
    assert answer.status_code == 200


def ids(worker: Worker) -> list[str]:
    return [lead.submission_id for lead in worker.leads]


def minute() -> int:
    return int(time.time() // 60)


@pytest.mark.parametrize("kind", BY_MINUTE)
async def test_the_same_form_in_one_minute_is_one_submission(worker: Worker, kind: str) -> None:
    body = urlencode(LEAD).encode()
    said = "application/x-www-form-urlencoded"
    began = minute()
    await asyncio.gather(*(post(worker, kind, body, content_type=said) for _ in range(5)))
    assert len(ids(worker)) == 5
    assert len(set(ids(worker))) <= 1 + minute() - began
    await post(worker, kind, body + b"0", content_type=said)
    assert ids(worker)[-1] not in ids(worker)[:-1]


async def test_invariant_21_the_same_signed_bytes_have_no_second_effect(worker: Worker) -> None:
    body, now = json.dumps(LEAD).encode(), int(time.time())

    async def sent(at: int, **more: str) -> None:
        made = digest(SECRET, b"%d.%b" % (at, body)).hex()
        await post(worker, "wpforms", body, x_wpforms_webhook_signature=f"t={at},v={made}", **more)

    await sent(now)
    await sent(now, x_wpforms_webhook_id="7_1")
    await sent(now - 200)
    first, again, other = ids(worker)
    assert first == again != other


def test_the_same_words_a_minute_later_are_another_wish() -> None:
    call = knock(urlencode(LEAD).encode())
    (found,) = KINDS["elementor"].parse(call, source("elementor"))
    keys = [by_minute(call, found, now) for now in (120.0, 179.9, 180.0)]  # type: ignore[arg-type]  # none is taken back
    assert keys[0] == keys[1] != keys[2]
    assert of_stamp(b"none")(call, found, 0.0)  # type: ignore[arg-type]  # see above
