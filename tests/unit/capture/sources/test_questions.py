"""Questions with answers: which is ours, and that no answer is lost to another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.common.events import digest
from services.capture.sources import KINDS
from services.capture.sources.arrival import DUPLICATES, Arrival
from services.capture.sources.questions import Question, answered
from tests.unit.capture.sources.recorded import recorded
from tests.unit.capture.sources.samples import arrivals_in, body, knock, source

EMPTY = Arrival(None, b"")
FORM = "65429eadebe8a9f3a30f62d0"


def read(*questions: Question, **configured: Any) -> Arrival:
    return answered(EMPTY, questions, source("tally", **configured))


def test_a_mapping_wins_over_a_name_and_a_name_over_a_type() -> None:
    asked = (
        Question(("Mobile",), "1", "phone"),
        Question(("Reach me", "q2"), "2", "phone"),
        Question(("Other", "q3"), "3", "phone"),
    )
    assert read(*asked, fields={"phone": "q3"}).fields["phone"] == "3"
    assert read(*asked).fields["phone"] == "1"
    assert read(*asked[1:]).fields["phone"] == "2"
    assert list(read(*asked).candidates["phone"].values()) == ["1", "2", "3"]


def test_a_name_that_tells_more_than_the_first_is_taken() -> None:
    found = read(Question(("How may we call you?", "full_name"), "A"), Question(("x", "y"), "B"))
    assert (found.fields, found.extra) == ({"name": "A"}, {"x": "B"})


def test_no_answer_is_lost_to_another_of_the_same_name() -> None:
    found = read(*(Question(("x",), n) for n in (1, 2, 3)))
    assert list(found.extra.values()) == [1, 2, 3]


def test_no_and_nought_are_answers_and_nothing_is_none() -> None:
    given: tuple[Any, ...] = (False, 0, None, "", [], {})
    asked = [Question((name,), value) for name, value in zip("abcdef", given, strict=True)]
    assert read(*asked).extra == {"a": False, "b": 0}


def test_boxes_of_consent_are_kept_by_name_and_by_type() -> None:
    boxes = Question(("I agree",), True, "consent"), Question(("consent",), "yes")
    assert read(*boxes).consent == {"consent": "yes", "I agree": True}
    assert read(boxes[1]).consent == "yes"


@pytest.mark.parametrize(
    ("said", "configured", "page"),
    [
        (
            "/contact?utm_source=a",
            "https://nil.example/",
            "https://nil.example/contact?utm_source=a",
        ),
        ("/contact", None, None),
        (None, "https://nil.example/form", "https://nil.example/form"),
    ],
)
def test_a_bare_path_is_one_of_the_configured_site(
    said: str | None, configured: str | None, page: str | None
) -> None:
    found = answered(EMPTY, [], source("tally", page=configured), said)
    assert found.attribution.page_url == page


@pytest.mark.parametrize(
    ("kind", "file", "key"),
    [
        ("typeform", "typeform-form-response.json", "a3a12ec67a1365927098a606107fac15"),
        ("calendly", "video.json", "https://api.calendly.com/scheduled_events/EV5/invitees/IN5"),
        ("webflow", "webflow-form-submission.json", "673f03f6a1b2c3d4e5f60718"),
        ("tally", "tally-form-response.json", "2wgx4n"),
        ("wpforms", "wpforms-webhook.json", None),
        ("google-forms", "google-forms-apps-script.json", "1FAIpQLSd-test_2_ABaOnud"),
    ],
)
def test_a_name_that_came_twice_is_held_under_its_own_key(
    kind: str, file: str, key: str | None
) -> None:
    raw = body(kind, file)
    twice = raw[:-1] + b"," + raw[1:]
    (found,) = arrivals_in(KINDS[kind].parse(knock(twice), source(kind, secret="s")))
    assert (found.held, found.key) == (DUPLICATES, key)
    assert found.fields


@pytest.mark.parametrize(
    ("kind", "file", "of_form", "said"),
    [
        ("typeform", "every-type.json", "bY2kQ8", "0d15f9e30e62e3563011e8eb62b06912"),
        ("typeform", "partial.json", "bY2kQ8", "329782e6f4204b955a8a0d6a3f9c9cd7"),
        ("webflow", "path-only.json", FORM, "6b4b344cc74b560c3b8b21a79218c3d4"),
        ("tally", "every-type.json", "mK1pQ2", "61b5e33104d5df117bca54a3daa21962"),
        ("wpforms", "wpforms-webhook.json", "123", "892af09925f9c1f7588640b3ea223f6e"),
        ("google-forms", "edited.json", "1FAIpQLSd-own", "832b8d37c1bce8398ef5d996a33c6515"),
    ],
)
def test_which_form_it_was_is_kept_and_is_no_part_of_what_makes_a_repeat(
    kind: str, file: str, of_form: str, said: str
) -> None:
    """The digests are those of before it was kept."""
    call = next(c for c in recorded() if (c.kind.kind, c.delivery["file"]) == (kind, file))
    (found,) = arrivals_in(call.kind.parse(call.knock, call.configured()))
    assert (found.extra["form_id"], found.form) == (of_form, of_form)
    assert digest(found.content).startswith(said)


@pytest.mark.parametrize("kind", ["calendly", "typeform", "tally", "webflow"])
def test_a_value_beside_the_questions_is_mapped_by_its_path(kind: str) -> None:
    call = next(one for one in recorded() if one.kind.kind == kind and not one.is_refused)
    body = json.loads(call.knock.body)
    inner = next(name for name, value in body.items() if isinstance(value, dict))
    body[inner]["of_ours"] = {"firm": " نیل "}
    knock = call.knock._replace(body=json.dumps(body).encode())
    mapped = call.configured(fields={"company": f"{inner}.of_ours.firm"})
    (found,) = arrivals_in(call.kind.parse(knock, mapped))
    assert found.fields["company"] == "نیل"
