"""Leads over a real database: opened, joined, given, moved on, closed and merged."""

from __future__ import annotations

from tests.integration.routing.conftest import Routing, new_id


async def test_a_page_of_seo_goes_to_the_team_whose_turn_it_is(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id(), page="nil.example/خدمات/سئو/لینک‌سازی"))
    assert lead.assignment is not None
    assert (lead.assignment.team, lead.assignment.specialist) == ("seo", "sara")
    assert lead.assignment.rule == "page:nil.example/خدمات/سئو/*"
    assert lead.assignment.why.fa == "چون از صفحهٔ سئو آمده و نوبت سارا بود"
    assert lead.assignment.why.en == "because it came from the SEO page, and it was سارا's turn"
    assert lead.state == "open"
    assert await routing.rows("SELECT state FROM routing.ledger") == [("assigned",)]


async def test_an_unmapped_page_goes_to_the_fallback_team(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id(), page="nil.example/blog/hello"))
    assert lead.assignment is not None
    assert (lead.assignment.team, lead.assignment.rule) == ("reception", "fallback")
