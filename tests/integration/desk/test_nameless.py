"""Somebody of whom nothing is known but a number, or not even that, is shown on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from libs.common import links
from libs.common.events import Contact
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey
from tests.integration.desk.test_board import clock, given, waiting


def nobody(at: datetime, **known: Any) -> Journey:
    way = Journey(at)
    way.contact = Contact(**known)
    return way


async def test_every_page_shows_a_lead_without_a_name(desk: Desk) -> None:
    now = datetime.now(UTC)
    late, queued = nobody(now, phone="+989121234567"), nobody(now)
    held, untold = nobody(now, phone_typed="0912"), nobody(now)
    await desk.feed(
        given(late, deadline=clock(now - timedelta(minutes=5))),
        waiting(queued),
        held.captured(),
        held.enriched("quarantined"),
        given(untold),
        untold.settled("failed", "undelivered"),
    )
    grant = links.Grant(late.lead_id, late.lead_id, "sara", now + links.VALID_FOR)
    async with desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})
        for path in (
            "/",
            f"/leads/{late.lead_id}",
            "/board",
            "/health",
            "/quarantine",
            f"/quarantine/{held.submission}",
            f"/a/{links.mint(TOKEN, grant)}",
        ):
            answer = await browser.get(path, params={"lang": "en"})
            assert answer.status_code == 200, path
        assert "+98 912 123 4567" in answer.text
