"""The map: which page goes to which team, and which pages go nowhere."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from libs.common.configuration import Configuration
from services.desk.overviews.map import look
from services.desk.overviews.mapping import PageMap, destination
from services.desk.web.api.overviews import Pasted
from services.desk.web.door.access import Person
from services.desk.web.drawing.sankey import Sankey, Stream, sankey
from services.desk.web.language import of_person
from services.desk.web.phrases import Say
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)

_DRAWN: Final = 12
"""Patterns in the picture; the table behind it has them all."""


@router.get("/map")
async def page(request: Request, who: Person, asked: Annotated[Pasted, Query()]) -> HTMLResponse:
    """The map, and where a pasted address would go."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        found = await look(tx, content)
    language = of_person(request, content.organisation.languages)
    url = (asked.url or "").strip()
    return desk.drawing.page(
        request,
        "map.html",
        content,
        who=who,
        place="map",
        map=found,
        url=url,
        goes=destination(content, url) if url else None,
        fallback=content.routing.fallback,
        picture=_picture(found, content, language),
    )


def _picture(found: PageMap, content: Configuration, language: str) -> Sankey | None:
    names = {team.key: team.name.of(language) for team in content.teams}
    say = Say(language)
    flows = [flow for flow in found.flows if flow.leads]
    streams = [
        Stream(flow.pattern, names.get(flow.team, flow.team), flow.leads) for flow in flows[:_DRAWN]
    ]
    rest: dict[str, int] = {}
    for flow in flows[_DRAWN:]:
        team = names.get(flow.team, flow.team)
        rest[team] = rest.get(team, 0) + flow.leads
    streams += [Stream(say.map_others, team, leads) for team, leads in rest.items()]
    fallback = names.get(content.routing.fallback, content.routing.fallback)
    if found.astray:
        streams.append(Stream(say.map_unmapped, fallback, found.astray, is_lost=True))
    return sankey(streams, rtl=language == "fa") if streams else None
