"""Forms over HTTP: the page of origin and the campaign."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fixtures.capture.capturing import Worker, capturing

PHONE = "۰۹۱۲ ۱۱۱ ۲۲۳۳"


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path) as running:
        yield running


async def test_attribution_from_fields_and_from_the_pages_own_query(worker: Worker) -> None:
    page = "https://nil.example/خدمات?utm_source=q&utm_medium=cpc&gclid=Q&x=1"
    said = {"phone": PHONE, "page_url": page, "utm_source": "field", "_fbc": "fb.1.2.3"}
    said |= {"visitor_id": "v1", "_sn": "tok"}
    await worker.posted("plain", data=said)
    found = worker.leads[0].attribution
    assert found.page_url == page
    assert found.utm == {"source": "field", "medium": "cpc"}
    assert found.click_ids == {"gclid": "Q", "_fbc": "fb.1.2.3"}
    assert (found.visitor_id, found.scan) == ("v1", "tok")
    assert worker.leads[0].extra == {}


@pytest.mark.parametrize(
    ("form", "referer", "page"),
    [
        ("contact", "https://nil.example/services/seo?utm_source=a", "https://nil.example/services/seo?utm_source=a"),
        ("contact", "https://nil.example/", "nil.example/contact"),
        ("plain", "https://nil.example/", "https://nil.example/"),
        ("contact", "http://127.0.0.1/v1/forms/contact", "nil.example/contact"),
        ("contact", "http://[bad", "nil.example/contact"),
        ("plain", "", None),
    ],
)  # fmt: skip
async def test_page_of_origin(worker: Worker, form: str, referer: str, page: str | None) -> None:
    await worker.posted(form, data={"phone": "1"}, headers={"Referer": referer})
    assert worker.leads[0].attribution.page_url == page


async def test_a_page_that_is_none_is_kept_and_the_known_one_is_sent_again(worker: Worker) -> None:
    headers = {"Referer": "https://nil.example/services/seo", "Accept": "text/html"}
    page = await worker.posted("contact", data={"page_url": "about:blank"}, headers=headers)
    assert page.status_code == 422
    assert 'name="page_url" value="https://nil.example/services/seo"' in page.text
    assert "about:blank" not in page.text
    said = {"page_url": "/services/seo", "tel_1": PHONE}
    await worker.posted("contact", data=said, headers={"Origin": "https://nil.example"})
    assert worker.leads[0].attribution.page_url == "https://nil.example/services/seo"
    assert worker.leads[0].extra == {"page_url": "/services/seo"}
    lead = {"phone": "1", "page_url": "null"}
    await worker.http.post("/v1/leads", json=lead, headers={"Authorization": "Bearer zap-token"})
    assert worker.leads[1].attribution.page_url is None
    assert worker.leads[1].extra == {"page_url": "null"}
