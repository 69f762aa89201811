"""Where a person stands: score, stage and temperature in one, and whether that is news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from libs.common.configuration.schema import Thresholds
from libs.common.events import Score, Text
from services.scoring.fact import Fact
from services.scoring.qualify import qualify
from services.scoring.score import Compiled, score
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
    facts: Iterable[Fact], rules: Sequence[Compiled], thresholds: Thresholds, stored: Stored
) -> Standing:
    """The standing after the facts, still under the version of the stored one."""
    told = story(facts)
    found = score(told, rules, stored.score.version)
    place = qualify(told, found.total, thresholds)
    is_news = (found, place.stage, place.temperature) != tuple(stored)
    return Standing(found, place.stage, place.temperature, place.reason, is_news)
