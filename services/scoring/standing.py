"""Where a person stands: score, stage and temperature in one, and whether that is news."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.configuration.scoring import Scoring
from libs.common.events import Score, Text
from libs.common.fading import earned, temperature_at, weighed
from services.scoring.book import Book
from services.scoring.fact import Fact
from services.scoring.qualify import qualify
from services.scoring.score import score
from services.scoring.story import story

BLANK: Final = Score(total=0, fit=0, engagement=0, version=0, reasons=())


class Stored(NamedTuple):
    """What was last saved of a person; a blank score of version 0 for one never scored."""

    score: Score = BLANK
    stage: str = "iql"
    temperature: str = "cold"


class Standing(NamedTuple):
    """What a person's story comes to under the rules in force."""

    score: Score
    stage: str
    temperature: str
    reason: Text
    is_news: bool
    """Another score, stage or temperature than the stored one."""

    def under(self, version: int) -> Standing:
        """The same under another version."""
        return self._replace(score=msgspec.structs.replace(self.score, version=version))


def stand(
    facts: Iterable[Fact],
    rules: Book,
    settings: Scoring,
    stored: Stored,
    now: datetime,
) -> Standing:
    """The standing at `now`, still under the version of the stored one.

    News is only what age alone has not done: whoever holds the stored score knows that already.
    """
    told = story(facts)
    found = score(told, rules, stored.score.version, now, settings)
    place = qualify(told, earned(found), settings.thresholds)
    temperature = temperature_at(found, now) or "cold"
    is_news = (place.stage, temperature) != (stored.stage, _temperature(stored, now))
    return Standing(
        found, place.stage, temperature, place.reason, is_news or _differs(found, stored.score, now)
    )


def _temperature(stored: Stored, now: datetime) -> str:
    if stored.score.heat is None:
        return stored.temperature
    return temperature_at(weighed(stored.score, now), now) or stored.temperature


def _differs(found: Score, stored: Score, now: datetime) -> bool:
    if stored.as_of is None:
        return found.reasons != stored.reasons
    return found != weighed(stored, now)  # also where another member's clock was ahead
