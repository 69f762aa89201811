"""Forms over HTTP: every encoding, every answer, nothing dropped."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fixtures.capture.capturing import Worker, capturing

HTML = {"Accept": "text/html,application/xhtml+xml"}
PHONE = "۰۹۱۲ ۱۱۱ ۲۲۳۳"
URLENCODED = "application/x-www-form-urlencoded"
CUT = b'--b\r\nContent-Disposition: form-data; name="phone"\r\n\r\n0912'


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path) as running:
        yield running


async def test_three_encodings_say_the_same(worker: Worker) -> None:
    said = {"your-name": "نیلوفر", "tel_1": PHONE, "interest": "خرید"}
    answers = [
        await worker.posted("contact", data=said),
        await worker.posted("contact", files={name: (None, text) for name, text in said.items()}),
        await worker.posted("contact", json=said),
        await worker.posted(
            "contact", content=json.dumps(said), headers={"Content-Type": "text/plain"}
        ),
    ]
    for answer in answers:
        assert answer.status_code == 202
        assert answer.headers["x-durability"] == "replicated"
        assert answer.json()["status"] == "received"
    assert [lead.submission_id for lead in worker.leads] == [
        a.json()["submission_id"] for a in answers
    ]
    for lead in worker.leads:
        assert lead.fields == {"name": "نیلوفر", "phone": PHONE}
        assert lead.extra == {"interest": "خرید"}
        assert (lead.kind, lead.source, lead.source_kind, lead.site) == (
            "form",
            "contact",
            "form",
            "main",
        )
        assert lead.digest == worker.leads[0].digest
        assert lead.region is None
        assert lead.attribution.page_url == "nil.example/contact"


async def test_a_browser_is_sent_to_the_thank_you_page_of_the_configuration(worker: Worker) -> None:
    said = {"tel_1": PHONE, "thank_you": "https://evil.example/", "next": "https://evil.example/"}
    for headers in (HTML, {"Sec-Fetch-Mode": "navigate"}):
        answer = await worker.posted("contact", data=said, headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"] == "https://nil.example/" + quote("سپاس")
        assert answer.headers["x-durability"] == "replicated"
    plain = await worker.posted("plain", data={"phone": PHONE}, headers=HTML)
    assert plain.headers["location"] == "/v1/forms/plain/thanks"
    page = await worker.http.get(plain.headers["location"])
    assert page.status_code == 200
    assert "سپاس" in page.text
    assert "Thank you" in page.text


async def test_no_contact_is_422_and_a_browser_gets_what_was_typed_back(worker: Worker) -> None:
    said = {"your-name": '<script>"نیلوفر"', "interest": ["a", "b"], "fax_2": "", "email": " "}
    script = await worker.posted("contact", data=said)
    assert script.status_code == 422
    assert script.headers["content-type"] == "application/problem+json"
    assert script.json()["fields"] == ["phone", "email"]
    page = await worker.posted("contact", data=said, headers=HTML | {"Accept-Language": "en"})
    assert page.status_code == 422
    assert 'lang="en" dir="ltr"' in page.text
    assert "<script>" not in page.text
    assert "&lt;script&gt;&#34;نیلوفر&#34;" in page.text
    assert page.text.count('name="interest"') == 2
    assert 'name="tel_1"' in page.text
    assert 'name="page_url" value="nil.example/contact"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert worker.leads == []


async def test_required_fields_are_required(worker: Worker) -> None:
    answer = await worker.posted("strict", data={"phone": PHONE, "نام": "سارا"})
    assert answer.status_code == 422
    assert answer.json()["fields"] == ["city"]
    answer = await worker.posted("strict", data={"phone": PHONE, "نام": "سارا", "city": "تهران"})
    assert answer.status_code == 202
    assert worker.leads[0].extra == {"city": "تهران"}


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (
            {"نام": "سارا", "نام خانوادگی": "احمدی", "شماره تماس": "1"},
            {"first_name": "سارا", "last_name": "احمدی", "phone": "1"},
        ),
        ({"نام و نام خانوادگی": "سارا", "شماره تلفن": "1"}, {"name": "سارا", "phone": "1"}),
        ({"your-name": "A", "your-email": "a@b.example"}, {"name": "A", "email": "a@b.example"}),
        (
            {"full_name": "A", "phone_number": "1", "Company": "N"},
            {"name": "A", "phone": "1", "company": "N"},
        ),
        ({"fields[email][value]": "a@b.example"}, {"email": "a@b.example"}),
        ({"ايميل": "a@b.example", "پيام": "سلام"}, {"email": "a@b.example", "message": "سلام"}),
        ({"واتساپ": "2", "موبایل": "1"}, {"phone": "1"}),
        ({"phone": "", "mobile": "1"}, {"phone": "1"}),
    ],
)  # fmt: skip
async def test_common_names_need_no_mapping(
    worker: Worker, said: dict[str, str], fields: dict[str, str]
) -> None:
    assert (await worker.posted("plain", data=said)).status_code == 202
    assert worker.leads[0].fields == fields


async def test_a_repeated_name_keeps_all_values(worker: Worker) -> None:
    body = "phone=1&phone=2&interest%5B%5D=a&interest%5B%5D=&empty="
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await worker.posted("plain", content=body, headers=headers)).status_code == 202
    lead = worker.leads[0]
    assert lead.fields == {"phone": "1"}
    assert lead.extra == {"phone": ["1", "2"], "interest[]": ["a", ""], "empty": ""}
    assert lead.candidates == {"phone": {"phone": "1", "phone 2": "2"}}
    assert lead.raw == body.encode()


@pytest.mark.parametrize(
    ("said", "headers", "signs"),
    [
        ({"fax_2": "x"}, {}, ("honeypot",)),
        ({"ms_open": "۷۹۹"}, {}, ("too_fast",)),
        ({"ms_open": "800"}, {}, ()),
        ({"ms_open": "soon", "fax_2": " "}, {}, ()),
        ({}, {"Origin": "https://evil.example"}, ("foreign_origin",)),
        ({}, {"Origin": "https://www.nil.example"}, ()),
        ({}, {"Origin": "http://localhost:5173"}, ()),
        ({}, {"Origin": "https://nil.example:8443"}, ("foreign_origin",)),
        ({}, {"Origin": "https://nil.example.evil.example"}, ("foreign_origin",)),
        ({}, {"Origin": "null"}, ()),
        ({"cf-turnstile-response": ""}, {}, ("captcha_failed",)),
        ({"g-recaptcha-response": "0" * 400}, {}, ()),
        ({"altcha": "x", "fax_2": "x"}, {}, ("honeypot", "captcha_failed")),
    ],
)  # fmt: skip
async def test_signs_hold_and_never_drop(
    worker: Worker, said: dict[str, str], headers: dict[str, str], signs: tuple[str, ...]
) -> None:
    answer = await worker.posted("contact", data={"phone": "1"} | said, headers=headers)
    assert answer.status_code == 202
    assert worker.leads[0].signs == signs


async def test_the_page_that_asks_again_is_not_a_foreign_origin(worker: Worker) -> None:
    await worker.posted("contact", data={"phone": "1"}, headers={"Origin": worker.url})
    assert worker.leads[0].signs == ()


async def test_cors_is_for_the_sites_own_pages(worker: Worker) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    home = await worker.http.options(
        "/v1/forms/contact", headers={"Origin": "https://nil.example"} | asked
    )
    assert home.status_code == 204
    assert home.headers["access-control-allow-origin"] == "https://nil.example"
    assert "content-type" in home.headers["access-control-allow-headers"]
    away = await worker.http.options(
        "/v1/forms/contact", headers={"Origin": "https://evil.example"} | asked
    )
    assert "access-control-allow-origin" not in away.headers
    odd = {"Origin": "https://nil.example/" + "a" * 300}  # no browser says so
    answer = await worker.posted("contact", json={"phone": "1"}, headers=odd)
    assert answer.status_code == 202
    assert "access-control-allow-origin" not in answer.headers
    for said, status in (({"phone": "1"}, 202), ({"x": "1"}, 422)):
        answer = await worker.posted("contact", json=said, headers={"Origin": "http://nil.example"})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "http://nil.example"
        assert "Origin" in answer.headers["vary"]


async def test_a_submission_id_makes_a_second_click_the_same_submission(worker: Worker) -> None:
    said = {"phone": "1", "submission_id": "0d3b1a52"}
    first = await worker.posted("contact", data=said | {"ms_open": "900"})
    again = await worker.posted(
        "contact", files={n: (None, t) for n, t in (said | {"ms_open": "2900"}).items()}
    )
    header = await worker.posted(
        "contact", json={"phone": "1"}, headers={"Idempotency-Key": "0d3b1a52"}
    )
    assert first.json() == again.json() == header.json()
    assert worker.log.events[0].id == worker.log.events[1].id
    assert {lead.key_owner for lead in worker.leads} == {"ours"}
    other = await worker.posted("plain", data=said)
    assert other.json() != first.json()


async def test_files_leave_their_name_type_and_size(worker: Worker) -> None:
    files = {"phone": (None, "1"), "plan": ("نقشه.pdf", b"%PDF" * 10, "application/pdf")}
    assert (await worker.posted("plain", files=files)).status_code == 202
    assert worker.leads[0].extra == {
        "plan": {"file": "نقشه.pdf", "content_type": "application/pdf", "size": 40}
    }


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (CUT, "multipart/form-data; boundary=b", 400),
        (CUT + b"\r\n--b", "multipart/form-data; boundary=b", 400),
        (b"phone=1", "multipart/form-data", 400),
        (b"phone=1", "multipart/form-data; boundary=\xff", 400),
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"phone":"1","a":' + b'"\\"' * 100_000 + b"[" * 100, "application/json", 400),
        (b'{"phone":"1","a":NaN}', "application/json", 400),
        (b'{"phone":"1","a":1e400}', "application/json", 400),
        (b"&".join([b"a=1"] * 2000), "application/x-www-form-urlencoded", 400),
        (b";" * 300_000, "application/x-www-form-urlencoded", 422),
        (b"x" * (1024 * 1024 + 1), "application/x-www-form-urlencoded", 413),
        (b"<a/>", "application/xml", 415),
        (b"phone=1", "", 415),
        (b"", "application/x-www-form-urlencoded", 422),
    ],
)  # fmt: skip
async def test_bad_bodies_are_the_clients_fault(
    worker: Worker, content: bytes, kind: str, status: int
) -> None:
    began = time.process_time()
    answer = await worker.posted(
        "plain", content=content, headers={b"Content-Type": kind.encode("latin-1")}
    )
    assert time.process_time() - began < 1
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert worker.leads == []


@pytest.mark.parametrize(
    ("content", "kind", "name", "flags"),
    [
        (b"phone=1&name=Jos%E9", "application/x-www-form-urlencoded", "José", ["encoding"]),
        (b"phone=1&name=a%00b", "application/x-www-form-urlencoded", "ab", ["control_characters"]),
        (b"phone=1&name=%D3%E1", URLENCODED + "; charset=windows-1256", "سل", None),
        (b'{"phone":"1","name":"a\\ud800b"}', "application/json", "a\ufffdb", ["surrogates"]),
        (b'{"phone":"1","name":"a\\u0000b"}', "application/json", "ab", ["control_characters"]),
        (b'{"phone":"1","name":"a\nb"}', "application/json", "a\nb", None),
        (b'\xef\xbb\xbf{"phone":"1","name":"a"}', "application/json", "a", None),
        (b'{"phone":"1","name":"Jos\xe9"}', "application/json", "José", ["encoding"]),
        ('{"phone":"1","name":"سارا"}'.encode("utf-16"), "application/json", "سارا", ["encoding"]),
    ],
)  # fmt: skip
async def test_odd_text_is_repaired_and_the_raw_bytes_are_kept(
    worker: Worker, content: bytes, kind: str, name: str, flags: list[str] | None
) -> None:
    answer = await worker.posted("plain", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 202
    lead = worker.leads[0]
    assert lead.fields == {"phone": "1", "name": name}
    assert lead.extra.get("_repaired") == flags
    assert lead.raw == content


async def test_duplicate_keys_are_held_and_long_numbers_kept(worker: Worker) -> None:
    content = b'{"phone":"1","phone":"2","n":' + b"9" * 5000 + b"}"
    answer = await worker.posted(
        "plain", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 202
    assert worker.leads[0].held == "duplicate_keys"
    assert worker.leads[0].extra["n"] == "9" * 5000
