"""What a body may hold, the log takes: too much of it read is left out, and never the bytes."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from standardwebhooks.webhooks import Webhook

from libs.common import topics
from libs.common.log.port import check_sizes
from services.capture.calls.call import BODY_BYTES
from tests.fixtures.capture.capturing import SECRET, Worker, capturing
from tests.fixtures.capture.memory_log import MemoryLog

URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
PHONE = "09121112233"


class CheckingLog(MemoryLog):
    """With the limit of the real ones."""

    async def append(self, records: Any, deadline: float) -> None:
        check_sizes(records)
        await super().append(records, deadline)


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path, log=CheckingLog()) as running:
        yield running


def filled_up(start: bytes) -> bytes:
    return start + b'"' * (BODY_BYTES - len(start))


@pytest.mark.parametrize("name", ["message", "other", "consent", "consent_text"])
async def test_a_form_too_large_for_the_log_is_held_with_its_bytes(
    worker: Worker, name: str, tmp_path: Path
) -> None:
    content = filled_up(f"phone={quote_plus(PHONE)}&{name}=".encode())
    answer = await worker.posted("plain", content=content, headers=URLENCODED)
    assert answer.status_code == 202
    assert answer.headers["x-durability"] == "replicated"
    (lead,) = worker.leads
    assert lead.submission_id == answer.json()["submission_id"]
    assert lead.held == "too_large"
    assert lead.raw == content
    assert lead.fields == {"phone": PHONE}
    assert not lead.extra
    assert lead.consent is None
    assert len(worker.log.records[0].value) < topics.MAX_RECORD_BYTES
    assert not list(Path(tmp_path).rglob("refused/*"))  # noqa: ASYNC240  # a test may block


async def test_a_webhook_too_large_for_the_log_is_held_too(worker: Worker) -> None:
    data = {"phone": PHONE, "consent": "yes", "message": "a" * (BODY_BYTES - 200)}
    content = json.dumps({"type": "lead.created", "data": data})
    moment = datetime.fromtimestamp(int(time.time()), UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", moment, content),
    }
    url = "/v1/webhooks/standard/partner"
    answer = await worker.http.post(url, content=content.encode(), headers=headers)
    assert answer.status_code == 200
    (lead,) = worker.leads
    assert lead.held == "too_large"
    assert lead.raw == content.encode()
    assert lead.fields == {"phone": PHONE}
    assert lead.consent == "yes"


async def test_a_large_form_that_the_log_takes_is_left_as_it_is(worker: Worker) -> None:
    content = b"phone=09121112233&message=" + b"a" * (BODY_BYTES - 26)
    assert (await worker.posted("plain", content=content, headers=URLENCODED)).status_code == 202
    (lead,) = worker.leads
    assert lead.held is None
    assert len(lead.fields["message"]) == BODY_BYTES - 26
