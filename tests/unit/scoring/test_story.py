from __future__ import annotations

from services.scoring.story import story
from tests.unit.scoring.facts import activity, submission


def test_a_fact_knows_what_was_known_of_the_person_by_then() -> None:
    later = submission(minute=9, contact={"phone": "2", "company": "نیل"})
    first = submission(minute=1, contact={"phone": "1"})
    view = activity("page_view", minute=5)
    told = story([later, view, first])
    assert [fact.id for fact in told] == [first.id, view.id, later.id]
    assert told[1].fields["person"] == {"touch_count": 1, "activity_count": 1, "phone": "1"}
    assert told[2].fields["person"] == {
        "touch_count": 2,
        "activity_count": 1,
        "phone": "1",
        "company": "نیل",
    }


def test_what_forms_ask_under_other_names_is_found() -> None:
    [fact] = story([submission(contact={"extra": {"شهر": "شيراز", "Budget": "10"}})])
    assert fact.fields["contact"]["place"] == "شيراز"
    assert fact.fields["contact"]["budget"] == "10"


def test_the_stored_fact_is_left_as_it_was() -> None:
    stored = submission("قیمت؟")
    story([stored])
    assert "asks" not in stored.fields["touch"]
    assert "person" not in stored.fields
