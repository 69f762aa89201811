"""The script of docs/sources/google-forms.md, as it stands there: signed, repeated, kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
from pathlib import Path
from typing import Any

import playwright
import pytest
from standardwebhooks.webhooks import Webhook

from services.capture.sources.google_forms import parse_response
from services.capture.sources.standard import prove
from tests.unit.capture.sources.samples import arrivals_in, knock, source

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "sources" / "google-forms.md"
NODE = Path(playwright.__file__).parent / "driver" / "node"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
URL = "https://leads.example.ir/v1/webhooks/google-forms/s"
ITEMS = [["نام", "فرهاد"], ["شماره تماس", "0912-000-1122"], ["خدمات", ["الف", "ب"]], ["نام", "دوم"]]


def ran(tmp_path: Path, call: str, *statuses: int, **kept: str) -> dict[str, Any]:
    """What the script fetched and kept, when Sarnakh answered so (0: nobody was there)."""
    script = tmp_path / "script.js"
    script.write_text(PAGE.read_text("utf-8").split("```javascript\n")[1].split("```")[0], "utf-8")
    given = {
        "properties": {"SARNAKH_URL": URL, "SARNAKH_SECRET": SECRET, **kept},
        "form": {"id": "1FAIpQLSd-test", "title": "همایش"},
        "response": {"id": "2_ABa", "at": "2026-11-21T09:59:59Z", "email": "", "items": ITEMS},
    }
    double = ROOT / "tests" / "doubles" / "apps_script.js"
    command = [str(NODE), str(double), str(script), call, *map(str, statuses)]
    done = subprocess.run(
        command, input=json.dumps(given).encode(), capture_output=True, timeout=600, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_script_signs_what_it_sends(tmp_path: Path) -> None:
    (sent,) = ran(tmp_path, "onResponse(event)", 200)["fetched"]
    headers, raw = sent["headers"], sent["body"].encode()
    assert sent["url"] == URL
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + raw
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    made = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{made}"
    assert Webhook(SECRET).verify(raw, headers)  # the standard's own library
    call = knock(raw, **{name.replace("-", "_"): each for name, each in headers.items()})
    assert prove(call, source("google-forms", secret=SECRET), int(headers["webhook-timestamp"]))
    (found,) = arrivals_in(parse_response(call, source("google-forms", secret=SECRET)))
    assert found.key == headers["webhook-id"] == "1FAIpQLSd-test_2_ABa"
    assert found.fields == {"name": "فرهاد", "phone": "0912-000-1122"}
    extra = {"خدمات": ["الف", "ب"], "نام 2": "دوم", "form_title": "همایش"}
    assert found.extra == {"form_id": "1FAIpQLSd-test", **extra}
    assert not found.test


@pytest.mark.parametrize(
    ("statuses", "times", "left"),
    [
        ((503, 0, 200), 3, []),
        ((503, 429, 500), 3, ["failed:2_ABa"]),
        ((401,), 1, ["failed:2_ABa"]),
        ((200,), 1, []),
    ],
)
def test_what_does_not_get_through_is_tried_again_and_kept(
    tmp_path: Path, statuses: tuple[int, ...], times: int, left: list[str]
) -> None:
    found = ran(tmp_path, "onResponse(event)", *statuses)
    assert len(found["fetched"]) == times
    assert [name for name in found["kept"] if name.startswith("failed:")] == left


def test_what_was_kept_is_sent_later_under_its_own_id(tmp_path: Path) -> None:
    found = ran(tmp_path, "resend()", 200, **{"failed:2_ABa": "2026-11-21T10:00:00Z"})
    assert [each["headers"]["webhook-id"] for each in found["fetched"]] == ["1FAIpQLSd-test_2_ABa"]
    assert "failed:2_ABa" not in found["kept"]


def test_a_response_that_was_deleted_keeps_no_other_back(tmp_path: Path) -> None:
    gone = {"failed:gone": "2026-11-21T10:00:00Z", "failed:2_ABa": "2026-11-21T10:00:00Z"}
    found = ran(tmp_path, "resend()", 200, **gone)
    assert len(found["fetched"]) == 1
    assert "failed:2_ABa" not in found["kept"]


def test_its_test_is_told_as_one(tmp_path: Path) -> None:
    (sent,) = ran(tmp_path, "sendTest()", 200)["fetched"]
    (found,) = arrivals_in(parse_response(knock(sent["body"].encode()), source("google-forms")))
    assert found.test
    assert found.fields == {"name": "Test", "phone": "+982100000000"}


def test_the_page_of_the_form_is_that_of_the_lead(tmp_path: Path) -> None:
    page = "https://nil.example/event?utm_source=poster"
    (sent,) = ran(tmp_path, "onResponse(event)", 200, SARNAKH_PAGE=page)["fetched"]
    (found,) = arrivals_in(parse_response(knock(sent["body"].encode()), source("google-forms")))
    assert (found.attribution.page_url, found.attribution.utm) == (page, {"source": "poster"})
