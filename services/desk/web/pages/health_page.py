"""Health: is anything lost, held, stuck? One line on top, and what is behind it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from libs.common.events import Text
from services.desk import words
from services.desk.overviews.sighting import Sighting, look
from services.desk.overviews.verdict import verdict
from services.desk.sources.tokens import left_of
from services.desk.web.door.access import Person
from services.desk.web.drawing.spans import rhythm, span
from services.desk.web.language import of_person
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)


@router.get("/health")
async def page(request: Request, who: Person) -> HTMLResponse:
    """The page, or only its part where htmx asks for it again."""
    desk = desk_of(request)
    seen = await look(desk.runtime, desk.glances)
    content = desk.runtime.configurations.from_file().content
    language = of_person(request, content.organisation.languages)

    def told(texts: Mapping[str, Text]) -> dict[str, str]:
        return {key: text.of(language) for key, text in texts.items()}

    part = request.headers.get("hx-request") == "true"
    return desk.drawing.page(
        request,
        "health_part.html" if part else "health.html",
        content,
        who=who,
        place="health",
        seen=seen,
        verdict=verdict(seen.signs, balanced=seen.health.balanced),
        tone=tone(seen),
        rhythm=rhythm,
        span=span,
        left_of=left_of,
        holds=told(words.HOLDS),
        steps=told(words.STEPS),
        missing=told(words.MISSING),
        submission_states=told(words.SUBMISSION_STATES),
    )


def tone(seen: Sighting) -> str:
    """The colour of the verdict, which its words and its shape say too."""
    if any(sign.level == "bad" for sign in seen.signs):
        return "bad"
    return "warn" if seen.signs or seen.health.balanced is None else "good"
