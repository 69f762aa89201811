"""Who hears of sources, and how such a message is put together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from libs.common.configuration import Configuration
from libs.common.configuration.schema import Route
from libs.common.events import Activity, Contact, Event, Text, derived_id
from libs.common.ours import is_forged
from services.routing.messages.message import Message, OfSource, Surroundings
from services.routing.messages.standing import Standing
from services.routing.plan import Plan

LONGEST: Final = 200
"""Characters of a source's key."""
_LAST_RESORT: Final = Route(channel="console")


class Told(NamedTuple):
    """Who hears of it, and for which team they answer."""

    recipient: str
    team: str
    routes: Sequence[Route]


class AboutSource(Protocol):
    """One message of a source on one route."""

    @property
    def id(self) -> str:
        """The same at every attempt."""
        ...

    @property
    def source(self) -> str:
        """Its key."""
        ...

    @property
    def recipient(self) -> str:
        """Who is told."""
        ...

    @property
    def team(self) -> str:
        """For which they answer."""
        ...

    @property
    def planned_at(self) -> datetime:
        """When it became news."""
        ...


def word(event: Event, type_: str) -> Mapping[str, Any] | None:
    """What our own word of that type says; None of any other, and of a forged one."""
    data = event.data
    if not isinstance(data, Activity) or data.type != type_ or is_forged(data.type, data.actor):
        return None
    return data.data


def copies(event: Event, plan: Plan, name: str) -> Iterator[dict[str, Any]]:
    """One for each route of each manager: its id, whom it tells and by which way, and when.

    `name` is of the kind of message, and makes the ids of two kinds differ.
    """
    for told in told_by(plan):
        for route in told.routes:
            address = route.to or ""
            yield {
                "id": derived_id(name, event.id, told.recipient, route.channel, address),
                "recipient": told.recipient,
                "team": told.team,
                "channel": route.channel,
                "address": address,
                "planned_at": event.time,
            }


def told_by(plan: Plan) -> list[Told]:
    """Every manager, once; where there is none, whoever watches the console."""
    found = _managers(plan.content)
    fallback = plan.content.routing.fallback
    return [Told(who, team, plan.routes_of(who)) for who, team in found.items()] or [
        Told(fallback, fallback, (_LAST_RESORT,))
    ]


def is_told(recipient: str, content: Configuration) -> bool:
    """Whether whoever was told of a source still hears of sources."""
    return recipient in (_managers(content) or {content.routing.fallback})


def _managers(content: Configuration) -> dict[str, str]:
    """Who answers for teams, each with the first of theirs."""
    everybody = {one.key for team in content.teams for one in team.specialists}
    found: dict[str, str] = {}
    for team in content.teams:
        if team.manager in everybody:
            found.setdefault(team.manager, team.key)
    return found


def is_known(key: str, content: Configuration) -> bool:
    """Whether that way in is still configured."""
    forms = (form.key for site in content.sites for form in site.forms)
    programs = (one.key for one in content.api_keys)
    return key in {*forms, *programs, *(one.key for one in content.sources)}


def composed(
    one: AboutSource, around: Surroundings, kind: str, why: Text, of_source: OfSource
) -> Message:
    """The message, in its reader's language, with a link to the source's page."""
    url = f"{around.desk_url}/sources/{quote(one.source, safe='')}"
    return Message(
        id=one.id,
        kind=kind,
        planned_at=one.planned_at,
        lead_id="",
        submission_id=None,
        contact=Contact(),
        team=one.team,
        specialist=one.recipient,
        page=None,
        score=0,
        stage="",
        temperature="",
        why=why,
        url=url,
        language=around.language_of(one.recipient),
        organisation=around.content.organisation.name,
        zone=around.content.organisation.time_zone,
        act_url=url,
        standing=Standing("ending"),
        topic=kind,
        of_source=of_source,
    )
