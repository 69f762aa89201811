"""LinkedIn: a handshake that signs for nobody, two readings of a signature, answers by ids."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from services.capture.sources import linkedin, linkedin_leads
from services.capture.sources.arrival import Knock
from services.capture.sources.fetch import (
    Content,
    Explained,
    Failed,
    Further,
    Item,
    Missing,
    Refused,
    Reply,
    Result,
    Throttled,
)
from tests.doubles.signing import digest
from tests.unit.capture.sources.samples import body, expected, knock, source, told

EXPECTED = expected("linkedin")
SECRET = EXPECTED["secret"]
SOURCE = source("linkedin", secret=SECRET, access_token="tok")
KEY = "6f1d2c3b-4a59-4687-9d70-aa11bb22cc33-5"
LEAD = body("linkedin", "linkedin-lead-form-response.json")
FORM = body("linkedin", "linkedin-lead-form.json")


def reply(status: int, content: Any = b"", **headers: str) -> Reply:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {n.replace("_", "-"): text for n, text in headers.items()}, raw)


def understood(
    lead: bytes = LEAD, form: Reply | None = None, key: str = KEY, missing: int = 0, **more: Any
) -> Result:
    asked = source("linkedin", secret=SECRET, **more)
    step = linkedin_leads.read(Item(key, missing), asked, reply(200, lead))
    assert isinstance(step, Further)
    found = step.read(form or reply(200, FORM))
    assert not isinstance(found, Further | Explained)
    return found


def greeted(code: str, secret: Any = SECRET) -> Any:
    call = Knock("GET", "/", f"challengeCode={code}&applicationId=1".encode(), {}, b"", "")
    return linkedin.shake_hands(call, source("linkedin", secret=secret))


def test_the_handshake_answers_with_the_hmac_of_the_challenge() -> None:
    url = json.loads(body("linkedin", EXPECTED["handshake"]["file"]))["url"]
    answer = greeted(url.rpartition("=")[2])
    assert (answer.status, answer.content_type) == (200, b"application/json")
    assert answer.body.decode() == EXPECTED["handshake"]["body"]
    assert greeted(url.rpartition("=")[2], [SECRET, "old"]) == answer


@pytest.mark.parametrize(
    "code", ["", "short", "{%22type%22:%22LEAD_ACTION%22}", "hmacsha256={}", "a" * 65, "a%0A" * 9]
)
def test_invariant_21_the_handshake_signs_nothing_that_could_be_a_call(code: str) -> None:
    assert greeted(code) is None
    assert greeted("5d4f1c9e-8a0b-4b7e-9f64-2f8c1f0b7a31", None) is None


def test_invariant_21_what_the_handshake_has_signed_proves_no_call() -> None:
    code = b"5d4f1c9e-8a0b-4b7e-9f64-2f8c1f0b7a31"
    signed = json.loads(greeted(code.decode()).body)["challengeResponse"]
    assert not linkedin.prove(knock(code, x_li_signature=signed), SOURCE, 0)


@pytest.mark.parametrize("prefix", ["", "hmacsha256="])
def test_invariant_21_both_readings_of_the_signature_prove_and_the_older_one_is_told(
    prefix: str,
) -> None:
    raw = body("linkedin", "linkedin-lead-created.json")
    for message, extra in ((b"hmacsha256=" + raw, {}), (raw, {"signed": "body alone"})):
        call = knock(raw, x_li_signature=prefix + digest(SECRET, message).hex())
        assert linkedin.prove(call, SOURCE, 0)
        (found,) = linkedin.parse_action(call, SOURCE)
        assert getattr(found, "extra", None) == extra
    assert not linkedin.prove(knock(raw, x_linkedin_signature=digest(SECRET, raw).hex()), SOURCE, 0)


@pytest.mark.parametrize("case", EXPECTED["replies"], ids=lambda case: case["file"])
def test_each_lead_is_understood_by_its_form(case: dict[str, Any]) -> None:
    raw, wanted = body("linkedin", case["file"]), case["arrival"]
    step = linkedin_leads.read(Item(wanted["key"]), SOURCE, reply(200, raw))
    assert isinstance(step, Further)
    assert step.remember == case["remember"]
    form, version = case["remember"].split(",")
    assert step.request.url == (
        f"https://api.linkedin.com/rest/leadForms/{form}?version={version}"
    ), "answers are explained by the version of the form that was filled in"
    assert step.request.headers["linkedin-version"] == linkedin_leads.VERSION
    found = step.read(reply(200, FORM))
    assert isinstance(found, Content)
    assert told(found.arrival, found.arrival.attribution, *wanted) == wanted
    assert found.arrival.raw == raw


def test_what_is_asked_has_the_version_and_the_token_in_headers() -> None:
    asked = linkedin_leads.request(Item(KEY), SOURCE)
    assert asked.url == f"https://api.linkedin.com/rest/leadFormResponses/{KEY}"
    assert asked.headers["authorization"] == "Bearer tok"
    assert asked.headers["linkedin-version"] == linkedin_leads.VERSION
    assert asked.headers["x-restli-protocol-version"] == "2.0.0"
    other = source("linkedin", secret="s", api_version="202701", api_url="http://h:1/")
    asked = linkedin_leads.request(Item(KEY), other)
    assert (asked.headers["linkedin-version"], asked.url[:15]) == ("202701", "http://h:1/rest")


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        (reply(401, {"serviceErrorCode": 65601}), Refused("401/65601", everywhere=True)),
        (reply(426), Refused("http_426", everywhere=True, said="version")),
        (reply(403, {"serviceErrorCode": 100}), Refused("403/100")),
        (reply(429), Throttled("http_429")),
        (reply(429, retry_after="30"), Throttled("http_429", 30)),
        (reply(429, retry_after="9999999"), Throttled("http_429", 86400)),
        (reply(429, retry_after="Fri, 1 Jan"), Throttled("http_429")),
        (reply(404), Missing("http_404")),
        (reply(400, {"serviceErrorCode": 5}), Missing("400/5")),
        (reply(500), Failed("http_500")),
        (reply(302), Failed("http_302")),
        (reply(200, b'{"id": '), Failed("cut_answer")),
    ],
)
def test_errors_are_told_by_status_and_linkedin_s_own_number(
    answer: Reply, becomes: Result
) -> None:
    assert linkedin_leads.read(Item(KEY), SOURCE, answer) == becomes
    if answer.status not in {200, 400, 404}:
        assert understood(form=answer) == becomes


@pytest.mark.parametrize("missing", [0, 2])
def test_answers_to_a_form_that_is_gone_are_held_at_last(missing: int) -> None:
    found = understood(form=reply(404), missing=missing)
    if not missing:
        assert found == Missing("form http_404", own=True)
        return
    assert isinstance(found, Content)
    assert found.arrival.held == "unexpected_shape"
    assert found.arrival.extra["question 3"] == "reza.karimi@example.com"


@pytest.mark.parametrize(
    "change",
    [{"id": "other"}, {"versionedLeadGenFormUrn": 5}, {"formResponse": []}],
)
def test_a_lead_that_is_not_what_was_asked_for_is_held(change: dict[str, Any]) -> None:
    raw = json.dumps(json.loads(LEAD) | change).encode()
    found = linkedin_leads.read(Item(KEY), SOURCE, reply(200, raw))
    assert isinstance(found, Content)
    assert (found.arrival.held, found.arrival.raw) == ("unexpected_shape", raw)


@pytest.mark.parametrize("theirs", ["Which service do you want?", "service", "4"])
def test_the_configuration_may_name_a_question_by_words_name_or_number(theirs: str) -> None:
    found = understood(fields={"company": theirs})
    assert isinstance(found, Content)
    assert found.arrival.fields["company"] == "Web design"


def test_contacts_at_work_count_where_there_are_no_private_ones() -> None:
    form = json.loads(FORM)
    words = {"question": {"localized": {"fa_IR": "کجا؟"}}, "name": "where"}
    form["content"]["questions"][2] |= {**words, "predefinedField": "WORK_EMAIL"}
    found = understood(form=reply(200, form))
    assert isinstance(found, Content)
    assert found.arrival.fields["email"] == "reza.karimi@example.com"
    form["content"]["questions"][1] |= {**words, "predefinedField": "EMAIL"}
    found = understood(form=reply(200, form))
    assert isinstance(found, Content)
    assert found.arrival.fields["email"] == "Karimi"


@pytest.mark.parametrize(
    "junk", [None, 5, [], {}, [5, {"questionId": {}}], [{"questionId": 1}], "x"]
)
def test_no_shape_of_lead_or_form_makes_it_fail(junk: Any) -> None:
    lead, form = json.loads(LEAD), json.loads(FORM)
    read = partial(understood, key=KEY)
    for part in ("answers", "consentResponses"):
        read(json.dumps(lead | {"formResponse": lead["formResponse"] | {part: junk}}).encode())
    for name in ("content", "hiddenFields", "creationLocale", "legalInfo"):
        read(form=reply(200, form | {name: junk}))
    for name in ("questions", "legalInfo"):
        read(form=reply(200, form | {"content": form["content"] | {name: junk}}))
    read(form=reply(200, junk))
