"""The form of Meta's leads: asked for once a day, and no lead waits long for its words."""

from __future__ import annotations

import pytest

from libs.common.events import LeadCaptured
from services.capture.sources import meta
from services.capture.sources.fetch import Content, Item
from services.capture.workers.client import REMEMBERED_SECONDS, Client
from tests.doubles.graph import FORM
from tests.integration.capture.fetching.hydration import Hydration
from tests.unit.capture.sources.samples import body, source

ITEM = "1290384756102939"
KEYS = {"کدام_خدمت_را_می‌خواهید؟": ["option_1", "option_3"]}
WORDS = {"کدام خدمت را می‌خواهید؟": ["مشاوره", "آموزش"]}


@pytest.fixture
def form(hydration: Hydration) -> Hydration:
    """With a lead whose choices have keys, and the form that has their words."""
    hydration.graph.leads[ITEM] = body("meta", "meta-graph-lead-choices.json")
    hydration.graph.leads[FORM] = body("meta", "meta-graph-form.json")
    return hydration


def is_explained(lead: LeadCaptured) -> bool:
    """Whether it is in the form's words; otherwise it must be in all of its keys."""
    said = {name: value for name, value in lead.extra.items() if name != "_keys"}
    assert (lead.held, lead.fields["phone"]) == (None, "+989121112233")
    assert said in (WORDS, KEYS)
    return said == WORDS


async def test_a_lead_s_choices_and_consent_are_in_the_words_of_its_form(form: Hydration) -> None:
    await form.note(ITEM)
    await form.run()
    (lead,) = form.published()
    assert is_explained(lead)
    assert lead.consent["با دریافت پیامک موافقم."] is True
    assert lead.extra["_keys"] == {**KEYS, "consent_sms": True, "consent_email": False}
    assert lead.attribution.ad["form_name"] == "فرم پاییز"
    assert all("token-1" not in path for path in form.graph.paths)


async def test_a_form_is_asked_for_once_however_many_leads_it_brings(form: Hydration) -> None:
    for item in ("1000000", "1000001", "1000002"):
        await form.note(item)
        await form.later(seconds=1)
    assert (len(form.published()), form.graph.asked[FORM]) == (3, 1)


@pytest.mark.parametrize("mood", ["misses", "forbids", "floods"])
async def test_a_form_that_is_gone_or_not_for_us_holds_no_lead_and_stops_nothing(
    form: Hydration, mood: str
) -> None:
    form.graph.moods[FORM] = mood
    for item in ("1000000", "1000001", "1000002", ITEM):
        await form.note(item)
        await form.later(seconds=1)
    leads = form.published()
    assert len(leads) == 4
    assert not is_explained(leads[-1])
    assert form.words() == []
    form.graph.moods.clear()
    form.graph.leads["1000009"] = form.graph.leads[ITEM].replace(ITEM.encode(), b"1000009")
    await form.note("1000009")
    await form.later(seconds=1)
    assert is_explained(form.published()[-1])


@pytest.mark.parametrize("mood", ["fails", "hangs", "resets", "garbles", "bad_token"])
async def test_a_form_in_trouble_is_waited_for_once(form: Hydration, mood: str) -> None:
    form.graph.moods[FORM] = mood
    await form.note(ITEM)
    await form.run()
    assert form.published() == []
    await form.later(seconds=29)
    assert form.published() == []
    await form.later(seconds=2)
    (lead,) = form.published()
    assert not is_explained(lead)
    assert form.words() == []


async def test_a_form_that_is_well_again_brings_the_words(form: Hydration) -> None:
    form.graph.moods[FORM] = "fails"
    await form.note(ITEM)
    await form.run()
    form.graph.moods.clear()
    await form.later(seconds=31)
    assert [is_explained(lead) for lead in form.published()] == [True]


async def test_a_throttled_form_holds_no_lead_however_many_come(form: Hydration) -> None:
    form.graph.moods[FORM] = "throttles"
    for item in (ITEM, "1000000", "1000001", "1000002"):
        await form.note(item)
        await form.later(seconds=1)
        assert form.published()[-1].platform_id == item
    assert form.graph.asked[FORM] == 1
    assert (form.waits(), form.words()) == ([], [])


async def test_a_throttled_form_is_asked_for_once_the_platform_allows(form: Hydration) -> None:
    moments = [0.0]
    client = Client(10, lambda: moments[-1])
    asked = source("meta", secret="s", access_token="token-1", api_url=form.graph.url)
    fetch = meta.META.fetch
    assert fetch is not None
    form.graph.moods[FORM] = "throttles"
    for times, moment, has_words in ((1, 0.0, False), (1, 1139.0, False), (2, 1141.0, True)):
        moments.append(moment)
        found = await client.fetch(fetch, Item(ITEM), asked)
        assert isinstance(found, Content)
        assert (form.graph.asked[FORM], "_keys" in found.arrival.extra) == (times, has_words)
        form.graph.moods.clear()
    await client.close()


async def test_a_form_without_legal_content_is_asked_for_once_too(form: Hydration) -> None:
    form.graph.moods[FORM] = "lacks_legal_content"
    for item in ("1000000", "1000001", "1000002"):
        await form.note(item)
        await form.later(seconds=1)
    assert (len(form.published()), form.graph.asked[FORM]) == (3, 2)
    assert all(lead.attribution.ad["form_name"] for lead in form.published())


async def test_a_token_that_ends_between_lead_and_form_stops_the_source_at_the_lead(
    form: Hydration,
) -> None:
    form.graph.moods[FORM] = "bad_token"
    await form.note(ITEM)
    await form.run()
    form.graph.tokens = {"token-2"}
    await form.later(seconds=31)
    assert form.words() == [("source.paused", "190/460")]
    form.graph.moods.clear()
    form.configure("token-2")
    await form.later(seconds=1)
    assert [is_explained(lead) for lead in form.published()] == [True]


async def test_what_is_remembered_of_a_form_is_forgotten_after_a_day(form: Hydration) -> None:
    moments = [0.0]
    client = Client(10, lambda: moments[-1])
    asked = source("meta", secret="s", access_token="token-1", api_url=form.graph.url)
    fetch = meta.META.fetch
    assert fetch is not None
    for times, moment in ((1, 0.0), (1, REMEMBERED_SECONDS), (2, REMEMBERED_SECONDS + 1)):
        moments.append(moment)
        assert isinstance(await client.fetch(fetch, Item(ITEM), asked), Content)
        assert form.graph.asked[FORM] == times
    await client.close()
