"""A score at a moment, from the score alone: the properties that lists and pages rely on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import Decay, Fade, Heat, Part, Reason, Score, Text
from libs.common.fading import earned, score_at, temperature_at, turns_at, weighed, worth

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = 86_400
WORDS = Text("صفحهٔ قیمت را دید", "looked at prices")
HALVED = Fade(half_life=14 * DAY)
STEPPED = Fade(steps=(Decay(7 * DAY, 50), Decay(30 * DAY, 0)))

MOMENTS = st.integers(-40 * DAY, 200 * DAY).map(lambda seconds: NOW + timedelta(seconds=seconds))
FADES = st.one_of(
    st.none(),
    st.builds(Fade, half_life=st.integers(1, 60 * DAY)),
    st.lists(
        st.tuples(st.integers(1, 90 * DAY), st.integers(0, 100)),
        min_size=1,
        max_size=3,
        unique_by=lambda s: s[0],
    ).map(
        lambda found: Fade(
            steps=tuple(
                Decay(after, keep)
                for after, keep in zip(
                    sorted(after for after, _ in found),
                    sorted((keep for _, keep in found), reverse=True),
                    strict=True,
                )
            )
        )
    ),
)


@st.composite
def scores(draw: st.DrawFn, lowest: int = -60) -> Score:
    reasons = []
    for number in range(draw(st.integers(0, 4))):
        points = draw(st.integers(lowest, 60))
        times = sorted(draw(st.lists(MOMENTS, min_size=1, max_size=4)))
        fade = draw(FADES)
        reasons.append(
            Reason(
                rule=f"r{number}",
                group=draw(st.sampled_from(["fit", "engagement"])),
                points=points * len(times),
                text=WORDS,
                at=times[-1],
                fade=fade,
                parts=tuple(Part(points, at) for at in times) if fade else (),
            )
        )
    caps = draw(st.dictionaries(st.sampled_from(["fit", "engagement"]), st.integers(1, 80)))
    heat = Heat(30, 60, draw(st.booleans()))
    return Score(0, 0, 0, 1, tuple(reasons), caps=caps, heat=heat)


def _one(points: int, fade: Fade, *, cap: int | None = None) -> Score:
    reason = Reason("r", "engagement", points, WORDS, NOW, fade, (Part(points, NOW),))
    caps = {"engagement": cap} if cap else {}
    return weighed(Score(0, 0, 0, 1, (reason,), caps=caps, heat=Heat(30, 60)), NOW)


@given(score=scores(), moments=st.tuples(MOMENTS, MOMENTS, MOMENTS).map(sorted))
def test_seen_in_between_or_not_it_is_the_same(score: Score, moments: list[datetime]) -> None:
    begun, between, end = moments
    first = weighed(score, begun)
    direct = score_at(first, end)
    assert score_at(score_at(first, between), end) == direct
    assert direct == weighed(score, max(begun, end))
    assert msgspec.json.decode(msgspec.json.encode(direct), type=Score) == direct


@given(score=scores(), now=MOMENTS, aside=st.integers(1, 10**6))
def test_it_turns_at_the_same_moment_whether_its_parts_are_of_one_moment_or_not(
    score: Score, now: datetime, aside: int
) -> None:
    """Those of one moment are remembered by their course; one part more, worth nothing, is not."""
    together = [
        msgspec.structs.replace(r, parts=tuple(Part(p.points, NOW) for p in r.parts))
        for r in score.reasons
    ]
    nothing = Reason(
        "r", "fit", 0, WORDS, NOW, HALVED, (Part(0, NOW - timedelta(microseconds=aside)),)
    )
    one = msgspec.structs.replace(score, reasons=tuple(together))
    other = msgspec.structs.replace(score, reasons=(*together, nothing))
    assert turns_at(one, now) == turns_at(other, now)


@given(score=scores(), now=MOMENTS)
def test_the_total_is_the_sum_of_the_reasons_at_every_moment(score: Score, now: datetime) -> None:
    found = weighed(score, now)
    assert found.total == found.fit + found.engagement
    assert found.total == sum(reason.points for reason in found.reasons)
    for group in ("fit", "engagement"):
        points = sum(reason.points for reason in found.reasons if reason.group == group)
        assert points == getattr(found, group) <= found.caps.get(group, points)


@given(score=scores(), now=MOMENTS)
def test_nothing_changes_before_it_says_so_and_then_something_does(
    score: Score, now: datetime
) -> None:
    found = weighed(score, now)
    if found.changes_at is None:
        later = weighed(score, now + timedelta(days=3650))
        assert (later.total, _points(later)) == (found.total, _points(found))
        return
    before = weighed(score, found.changes_at - timedelta(microseconds=1))
    assert (before.total, _points(before)) == (found.total, _points(found))
    assert _parts(weighed(score, found.changes_at), found.changes_at) != _parts(found, now)


def _points(score: Score) -> list[int]:
    return [reason.points for reason in score.reasons]


def _parts(score: Score, now: datetime) -> list[int]:
    return [
        worth(part, reason.fade, now)[0]
        for reason in score.reasons
        if reason.fade
        for part in reason.parts
    ]


@given(score=scores(lowest=0), moments=st.tuples(MOMENTS, MOMENTS).map(sorted))
def test_where_nothing_takes_points_away_age_adds_none(
    score: Score, moments: list[datetime]
) -> None:
    early, late = (weighed(score, moment) for moment in moments)
    assert late.total <= early.total <= earned(score)


@given(points=st.integers(-500, 500), fade=FADES, now=MOMENTS)
def test_a_sign_never_turns_and_no_part_grows(
    points: int, fade: Fade | None, now: datetime
) -> None:
    found, _ = worth(Part(points, NOW), fade or Fade(), now)
    assert abs(found) <= abs(points)
    assert found * points >= 0


@given(score=scores(), begun=MOMENTS, fractions=st.lists(st.floats(0, 1), max_size=5))
def test_until_it_turns_its_temperature_stays_and_its_total_does_not_rise(
    score: Score, begun: datetime, fractions: list[float]
) -> None:
    first = weighed(score, begun)
    turns = turns_at(first, begun)
    end = turns or begun + timedelta(days=400)
    highest = first.total
    for fraction in sorted(fractions):
        moment = begun + (end - begun) * fraction
        if moment < end or turns is None:
            found = score_at(first, moment)
            assert temperature_at(found, moment) == temperature_at(first, begun)
            assert found.total <= highest
            highest = found.total
    if turns:
        before = score_at(first, turns - timedelta(microseconds=1))
        after = score_at(first, turns)
        assert after.total > before.total or _heat(after) != _heat(before)


def _heat(score: Score) -> str | None:
    assert score.as_of
    return temperature_at(score, score.as_of)


@pytest.mark.parametrize(
    ("points", "fade", "days", "left"),
    [
        (30, HALVED, -1, 30),
        (30, HALVED, 0, 30),
        (30, HALVED, 14, 15),
        (15, HALVED, 14, 8),
        (15, HALVED, 14.0001, 7),
        (-15, HALVED, 14, -8),
        (10, HALVED, 28, 3),
        (10, HALVED, 61, 0),
        (10, HALVED, 60, 1),
        (10, HALVED, 3650, 0),
        (15, STEPPED, 6.9999, 15),
        (15, STEPPED, 7, 8),
        (-15, STEPPED, 7, -8),
        (15, STEPPED, 29.9, 8),
        (15, STEPPED, 30, 0),
        (1, Fade(half_life=10**14), 1, 1),
    ],
)
def test_points_by_age(points: int, fade: Fade, days: float, left: int) -> None:
    found = score_at(_one(points, fade), NOW + timedelta(days=days))
    assert (found.total, found.engagement, found.reasons[0].points) == (left, left, left)


def test_what_fades_slower_than_the_calendar_is_long_does_not_turn() -> None:
    assert turns_at(_one(60, Fade(half_life=10**14)), NOW) is None


def test_a_lead_cools_by_the_clock_and_says_when() -> None:
    hot = _one(60, HALVED)
    assert temperature_at(hot, NOW) == "hot"
    turns = turns_at(hot, NOW)
    assert turns is not None
    assert turns == hot.changes_at
    assert temperature_at(hot, turns - timedelta(microseconds=1)) == "hot"
    assert temperature_at(hot, turns) == "warm"
    assert temperature_at(hot, NOW + timedelta(days=30)) == "cold"
    listed = msgspec.structs.replace(hot, heat=Heat(30, 60, is_listed=True))
    assert temperature_at(listed, NOW) == "cold"
    assert turns_at(listed, NOW) is None


def test_under_a_cap_points_fade_and_the_total_stays_until_the_cap_is_reached() -> None:
    capped = _one(100, HALVED, cap=60)
    assert [reason.points for reason in capped.reasons] == [100, -40]
    later = score_at(capped, NOW + timedelta(days=7))
    assert [reason.points for reason in later.reasons] == [71, -11]
    assert [later.total, score_at(capped, NOW + timedelta(days=14)).total] == [60, 50]
    assert earned(later) == 60


def test_a_score_of_an_older_version_stays_as_it_was_told() -> None:
    old = Score(50, 5, 45, 1, (Reason("r", "fit", 50, WORDS, NOW),))
    assert score_at(old, NOW + timedelta(days=999)) == old
    assert temperature_at(old, NOW) is None
    assert score_at(_one(9, HALVED), NOW - timedelta(days=1)).as_of == NOW
