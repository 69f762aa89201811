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
from services.capture.sources.arrival import UNEXPECTED, Arrival
from services.capture.sources.repeats import by_content
from tests.doubles.signing import digest
from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing
from tests.unit.capture.sources.samples import knock, source

BY_CONTENT = ("contact-form-7", "elementor", "instapage", "gravity-forms", "unbounce")
SECRET = "wp-secret"
LEAD = {"name": "نیلوفر", "phone": "09121110001"}


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    sources = [f"  - {{key: {kind}, kind: {kind}, secret: s}}\n" for kind in BY_CONTENT]
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


@pytest.mark.parametrize("kind", BY_CONTENT)
async def test_the_same_form_has_one_id_at_any_time_and_its_own_beside_it(
    worker: Worker, kind: str
) -> None:
    body = urlencode(LEAD).encode()
    said = "application/x-www-form-urlencoded"
    await asyncio.gather(*(post(worker, kind, body, content_type=said) for _ in range(5)))
    assert (len(worker.leads), len(set(ids(worker)))) == (5, 1)
    assert {(lead.again_after, lead.key_owner) for lead in worker.leads} == {
        (KINDS[kind].again_after, "platform")
    }
    moments = {lead.received_at for lead in worker.leads}
    for differ in ("message", "digest"):
        assert len({getattr(lead, differ) for lead in worker.leads}) == len(moments)
    assert not {lead.message for lead in worker.leads} & {*ids(worker), None}
    await post(worker, kind, body + b"0", content_type=said)
    assert ids(worker)[-1] not in ids(worker)[:-1]


@pytest.mark.parametrize("kind", BY_CONTENT)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"x-1=09121110001", "application/x-www-form-urlencoded"),
        (b'{"message": "he said "hi""}', "application/json"),
    ],
)
async def test_a_form_that_nobody_here_can_read_is_held_by_its_content_and_its_moment(
    worker: Worker, kind: str, body: bytes, said: str
) -> None:
    for _ in range(2):
        await post(worker, kind, body, content_type=said)
    assert len(set(ids(worker))) == 1
    window = KINDS[kind].again_after
    assert {(lead.held, lead.again_after) for lead in worker.leads} == {(UNEXPECTED, window)}
    assert all(lead.message for lead in worker.leads)


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


@pytest.mark.parametrize(
    ("kind", "first", "later"),
    [
        (
            "elementor",
            {"meta[time][value]": "9:59 am", "meta[date][value]": "November 21, 2026"},
            {"meta[time][value]": "12:00 am", "meta[date][value]": "November 22, 2026"},
        ),
        ("contact-form-7", {"_time": "9:59 am"}, {"_time": "10:00 am"}),
        (
            "unbounce",
            {"date_submitted": "2026-11-21", "time_submitted": "11:59 PM UTC"},
            {"date_submitted": "2026-11-22", "time_submitted": "12:00 AM UTC"},
        ),
    ],
)
def test_what_only_says_when_it_was_sent_makes_no_other_form(
    kind: str, first: dict[str, str], later: dict[str, str]
) -> None:
    def content(**more: str) -> bytes:
        lead = {"fields[phone][value]": "09121110001"} if kind == "elementor" else LEAD
        (found,) = KINDS[kind].parse(knock(urlencode({**lead, **more}).encode()), source(kind))
        assert isinstance(found, Arrival)
        assert (found.key, found.fields["phone"]) == (None, "09121110001")
        return by_content(knock(b""), found).encode()

    assert content(**first) == content(**later) != content(**first, note="دیگر")
