"""The one line on top of the health page: never calm when something is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.configuration import Problem
from libs.common.events import Text
from libs.common.expiring import Expiry
from services.desk.overviews.verdict import (
    STUCK_AFTER,
    Configured,
    Health,
    SourceSeen,
    StageSeen,
    signs,
    verdict,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=19)
CALM = Health(
    at=NOW,
    balanced=True,
    problems=0,
    stages=(StageSeen("scoring", 3, timedelta(seconds=5)),),
    held={},
    dead={},
    untold=0,
    sources=(SourceSeen("contact", "form", NOW, None, 1, 0, is_silent=False, is_unsigned=False),),
    misaddressed=0,
    configured=Configured(1, NOW, "sarnakh.yaml", (), ()),
)
PROBLEM = Problem(3, "limits", Text("نادرست", "wrong"))
SOURCE = CALM.sources[0]


def ending(left: int) -> SourceSeen:
    return SOURCE._replace(token=Expiry("contact", "meta", NOW.date() + timedelta(left), left))


def test_calm_is_said_only_when_all_is_calm() -> None:
    assert signs(CALM) == ()
    assert signs(CALM._replace(sources=(ending(15),))) == ()
    assert verdict((), balanced=True).en == "Everything is in its place"
    assert verdict((), balanced=None).en != "Everything is in its place"


@pytest.mark.parametrize(
    ("changed", "level", "place"),
    [
        ({"balanced": False, "problems": 2}, "bad", "#books"),
        ({"stages": (StageSeen("routing", 1, STUCK_AFTER * 2),)}, "bad", "#stages"),
        ({"stages": (StageSeen("routing", 0, timedelta(), "holding"),)}, "bad", "#stages"),
        ({"held": {"rate": 2}}, "warn", "/quarantine"),
        ({"dead": {"scoring": 1}}, "warn", "/dead-letters"),
        ({"untold": 1}, "warn", "#untold"),
        ({"misaddressed": 1}, "warn", "#misaddressed"),
        ({"sources": (SOURCE._replace(paused={"at": NOW}),)}, "bad", "#sources"),
        (
            {"sources": (SOURCE._replace(kind="instagram", paused={"at": NOW}),)},
            "warn",
            "#sources",
        ),
        ({"sources": (SOURCE._replace(is_silent=True),)}, "warn", "#sources"),
        (
            {"sources": (SOURCE._replace(hydrating=3, hydrating_since=LONG_AGO),)},
            "warn",
            "#sources",
        ),
        ({"sources": (SOURCE._replace(is_unsigned=True),)}, "warn", "#sources"),
        ({"sources": (ending(14),)}, "warn", "#sources"),
        ({"sources": (ending(3),)}, "bad", "#sources"),
        ({"sources": (ending(-1),)}, "bad", "#sources"),
        ({"configured": CALM.configured._replace(refused=(PROBLEM,))}, "bad", "#configuration"),
    ],
)
def test_each_trouble_is_named_and_leads_to_where_it_is_dealt_with(
    changed: dict[str, object], level: str, place: str
) -> None:
    health = CALM._replace(**changed)  # type: ignore[arg-type]  # fields of it by name
    (sign,) = signs(health)
    assert (sign.level, sign.place) == (level, place)
    said = verdict((sign,), balanced=health.balanced)
    assert said.en != "Everything is in its place"
    assert ("stuck" in said.en or "do not balance" in said.en) is (level == "bad")


@pytest.mark.parametrize(
    ("left", "fa", "en"),
    [
        (12, "منبع contact: رمز دسترسی ۱۲ روز دیگر تمام می‌شود", "ends in 12 days"),
        (1, "منبع contact: رمز دسترسی ۱ روز دیگر تمام می‌شود", "ends in 1 day"),
        (0, "منبع contact: رمز دسترسی امروز تمام می‌شود", "ends today"),
        (-2, "منبع contact: رمز دسترسی ۲ روز پیش تمام شد", "ended 2 days ago"),
    ],
)
def test_how_long_a_token_has_is_said_in_both_languages(left: int, fa: str, en: str) -> None:
    (sign,) = signs(CALM._replace(sources=(ending(left),)))
    assert sign.text == Text(fa, f"The source contact: its access token {en}")


def test_the_worst_comes_first() -> None:
    health = CALM._replace(held={"rate": 1}, balanced=False, problems=1)
    assert [sign.level for sign in signs(health)] == ["bad", "warn"]
