"""The board adds up, also when the configuration has moved on: nobody's leads are missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from libs.common.configuration import Configuration
from libs.common.configuration.load import load
from services.desk.overviews.roster import Pause
from services.desk.overviews.tally import Load, Seen, boards

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FILE = """
teams:
  - key: seo
    name: {fa: سئو, en: SEO}
    specialists:
      - {key: sara, name: Sara, weight: 2, capacity: {open: 4, per_day: 2}}
      - {key: omid, name: Omid}
  - {key: reception, name: {fa: پذیرش, en: Reception}, specialists: [{key: sara, name: Sara}]}
routing: {fallback: reception}
"""


def content() -> Configuration:
    return load(FILE, {}).configuration


def row(team: str | None, owner: str | None, **counts: int) -> dict[str, Any]:
    names = ("open", "waiting", "unaccepted", "late", "contacted", "won", "lost")
    return {"team": team, "owner": owner, **dict.fromkeys(names, 0), **counts}


def test_capacity_is_of_all_teams_together_and_shares_of_each() -> None:
    counts = [
        row("seo", "sara", open=3, unaccepted=2, late=1, won=1),
        row("reception", "sara", open=2),
        row("seo", None, open=4, waiting=4),
    ]
    given = [
        {"team": "seo", "specialist": "sara", "in_turn": 5, "today": 1},
        {"team": "reception", "specialist": "sara", "in_turn": 9, "today": 1},
        {"team": "seo", "specialist": "omid", "in_turn": 1, "today": 0},
    ]
    seo, reception = boards(content(), Seen(counts, given, {"omid": Pause(NOW)}, {}), NOW)
    sara, omid = seo.lines
    assert (sara.open, sara.today) == (Load(5, 4), Load(2, 2))
    assert sara.open.part == 1.0
    assert (sara.counts["open"], sara.counts["late"], sara.counts["won"]) == (3, 1, 1)
    assert (sara.share.given, sara.share.due) == (5, 4.0)
    assert (omid.presence.state, omid.counts["open"], omid.open.most) == ("paused", 0, None)
    assert seo.waiting == 4
    assert reception.lines[0].counts["open"] == 2


def test_leads_of_whoever_has_left_are_on_the_board() -> None:
    counts = [
        row("seo", "gone", open=3),
        row("seo", "long_gone", won=1),
        row("closed", "omid", open=1),
        row("closed too", "omid", lost=1),
        row(None, None, open=1, waiting=1),
    ]
    seo, reception, closed = boards(content(), Seen(counts, (), {}, {}), NOW)
    assert seo.gone == (("gone", 3),)
    assert reception.waiting == 1
    assert (closed.key, closed.lines, closed.gone) == ("closed", (), (("omid", 1),))


def test_a_capacity_of_nothing_is_full() -> None:
    assert Load(0, 0).part == 1.0
    assert Load(5, None).part == 0.0
