"""What a specialist is told of the leads of a list: one message for all of them. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from libs.common.configuration.schema import Route
from libs.common.events import Contact, Text
from services.routing.messages.message import Bundle, Message, Surroundings
from services.routing.messages.standing import Standing
from services.routing.plan import Plan
from services.routing.store.summaries import SummaryMessage

LAST_RESORT: Final = Route(channel="console")
_WHY: Final = Text(
    "همکاران این فهرست را آوردند و این سرنخ‌ها به شما رسید؛ همه را در میز کار ببینید",
    "colleagues brought this list and these leads came to you; see all of them at the desk",
)


def compose(message: SummaryMessage, around: Surroundings) -> Message:
    """The message, in its reader's language, with a link to those very leads."""
    language = around.language_of(message.recipient)
    query = urlencode({"owner": message.owner, "list": message.list_id})
    url = f"{around.desk_url}/?{query}"
    is_news = message.kind == "assigned"
    return Message(
        id=message.id,
        kind="listed",
        planned_at=message.planned_at,
        lead_id="",
        submission_id=None,
        contact=Contact(),
        team=message.team,
        specialist=message.recipient,
        page=None,
        score=0,
        stage="",
        temperature="",
        why=_WHY if is_news else _unheard(message, around),
        url=url,
        language=language,
        organisation=around.content.organisation.name,
        zone=around.content.organisation.time_zone,
        act_url=url,
        standing=Standing("bundle"),
        topic="listed" if is_news else "listed_unheard",
        bundle=Bundle(message.leads, message.list_id, message.list_name),
    )


def _unheard(message: SummaryMessage, around: Surroundings) -> Text:
    found = around.specialist(message.owner)
    name = found.name if found else message.owner
    return Text(
        f"{name} این سرنخ‌ها را دارد و معلوم نیست خبرشان رسیده باشد",
        f"{name} has these leads, and it is not certain that the message about them arrived",
    )


def others(
    message: SummaryMessage, plan: Plan, tried: set[tuple[str, str]]
) -> tuple[str, list[Route]]:
    """Whom else to tell where the owner is not reached for sure, and on which routes.

    Whoever answers for the team, else the owner in another way; the console where nothing is left.
    """
    told = plan.manager_of(message.team) or message.owner
    left = [r for r in plan.routes_of(told) if (r.channel, r.to or "") not in tried]
    if not left and (LAST_RESORT.channel, "") not in tried:
        left = [LAST_RESORT]
    return told, left
