"""Looks at everything that the health page and its JSON show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration import Active, Configuration
from libs.common.configuration import store as configurations
from libs.common.database import Transaction
from libs.common.expiring import expiries
from libs.common.runtime import Runtime
from services.desk.overviews.glance import BooksSeen, Glances
from services.desk.overviews.hush import alarm_of
from services.desk.overviews.roster import day_start
from services.desk.overviews.verdict import Configured, Health, Sign, SourceSeen, signs
from services.desk.sources.quiet import LOOKED_AT, ways_in
from services.desk.sources.silence import usual_pause
from services.desk.store import comparisons, silences, sources, token_ends, troubles

LISTED: Final = 50
MISADDRESSED_OVER: Final = timedelta(days=7)


class Sighting(NamedTuple):
    """The health, what it amounts to, and the lists behind its numbers."""

    health: Health
    signs: tuple[Sign, ...]
    books: BooksSeen
    untold: list[dict[str, Any]]
    misaddressed: list[dict[str, Any]]


async def look(runtime: Runtime, glances: Glances) -> Sighting:
    """Everything, as it is now. Raises Retry where the read model is away."""
    now, books = datetime.now(UTC), await glances.books()
    stages = await glances.stages()
    async with runtime.database.transaction() as tx:
        active = await runtime.configurations.in_force(tx)
        untold, listed = await troubles.undelivered(tx, LISTED)
        misaddressed = await sources.misaddressed(tx, now - MISADDRESSED_OVER, LISTED)
        health = Health(
            at=now,
            balanced=books.books.balanced if books.books else None,
            problems=len(books.books.problems) if books.books else 0,
            stages=stages,
            held=await troubles.held_by_reason(tx),
            dead=await troubles.dead_by_stage(tx),
            untold=untold,
            sources=await _sources(tx, active.content, now),
            misaddressed=len(_unknown(active.content, misaddressed)),
            configured=await _configured(tx, runtime, active),
        )
    unknown = _unknown(active.content, misaddressed)
    return Sighting(health, signs(health), books, listed, unknown)


def _unknown(content: Configuration, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the forms that have been added since."""
    known = {form.key for site in content.sites for form in site.forms}
    return [row for row in rows if row["form"] not in known]


async def _configured(tx: Transaction, runtime: Runtime, active: Active) -> Configured:
    return Configured(
        version=active.version,
        since=await configurations.kept_at(tx, active.version),
        file=str(runtime.configurations.path),
        refused=runtime.configurations.refused,
        warnings=runtime.configurations.warnings,
    )


async def _sources(tx: Transaction, content: Configuration, now: datetime) -> list[SourceSeen]:
    """Every way in that is configured, those that need somebody first."""
    known = ways_in(content)
    today = day_start(now, ZoneInfo(content.organisation.time_zone))
    keys = [way.key for way in known]
    quiet = await silences.known(tx, keys)
    found = await sources.arrivals(tx, keys, today, LOOKED_AT)
    paused, waits = await sources.paused(tx, "source"), await sources.paused(tx, "wait")
    compared = await comparisons.newest(tx)
    asked = {one.key for one in content.sources if one.access_token and one.reconcile != "off"}
    ends = expiries(content, now, await token_ends.known(tx))
    tokens = {(each.kind, each.source): each for each in ends}
    seen = []
    for key, kind, unsigned in known:
        row = found[key]
        alarm = alarm_of(quiet.get(key))
        seen.append(
            SourceSeen(
                key=key,
                kind=kind,
                last=max(row["ats"], default=None),
                usual=usual_pause(row["ats"]),
                today=row["today"],
                tests=row["tests"],
                is_silent=alarm is not None,
                is_unsigned=unsigned,
                paused=paused.get(key),
                hydrating=row["hydrating"],
                hydrating_since=row["hydrating_since"],
                waits_until=_still(waits.get(key), now),
                comparison=compared.get(key) if key in asked else None,
                token=tokens.get((kind, key)),
                alarm=alarm,
            )
        )
    return sorted(seen, key=lambda one: _urgency(one, now))


def _still(wait: Mapping[str, Any] | None, now: datetime) -> datetime | None:
    """Until when it waits, while it does."""
    until: datetime | None = wait["until"] if wait else None
    return until if until and until > now else None


def _urgency(one: SourceSeen, now: datetime) -> tuple[bool, ...]:
    loud = (one.paused, one.is_starved(now), one.is_ending, one.is_silent, one.is_unsigned)
    return tuple(not each for each in loud)
