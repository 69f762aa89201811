"""How far somebody is: the stage, with the event that it follows from.

IQL wants to learn, MQL is engaged, SQL asked for a price, a demo or a call, PQL got value from
the trial, a customer bought; a customer who asks for something new is service-qualified.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

from libs.common.configuration.scoring import Thresholds
from libs.common.events import Text
from services.scoring import sentences
from services.scoring.closing import Closings, closings
from services.scoring.fact import Fact

Stage = Literal["iql", "mql", "sql", "pql", "service_qualified", "customer", "returning_customer"]

_GOT_VALUE: Final = frozenset(
    {"trial.activated", "trial_activated", "product_value", "product.value"}
)
_ENGAGED: Final = frozenset(
    {"newsletter", "newsletter_sign_up", "webinar", "trial_start", "trial_started"}
    | {"trial.started", "wish_list", "wishlist", "cart_abandoned", "email_open", "email_click"}
    | {"comment", "direct_message"}
)
_WAYS: Final = ("phone", "email", "handle")
_PAGES: Final = 3
"""Pages of one section that make a reader engaged."""


class Qualified(NamedTuple):
    """How far a person is on the way to buying, and why."""

    stage: Stage
    reason: Text


def qualify(story: Sequence[Fact], earned: int, thresholds: Thresholds) -> Qualified:
    """The stage that follows from the story and from the points earned, before they faded.

    Age takes nobody back: only what somebody does moves a stage.
    """
    closed = closings(story)
    stage, reason = _customer(closed) or _asked(closed) or _interested(story, earned, thresholds)
    if closed.last == "lost" and stage in ("iql", "mql"):
        reason = sentences.after_loss(reason)
    return Qualified(stage, reason)


def _customer(closed: Closings) -> tuple[Stage, Text] | None:
    if not closed.wins:
        return None
    known = {_of(fact, "attribution", "page") for fact in closed.before}
    for fact in closed.since:
        asked = _request(fact)
        if asked is not None:
            return "service_qualified", sentences.customer_asked(asked)
        page = _of(fact, "attribution", "page")
        if page and page not in known:
            return "service_qualified", sentences.CUSTOMER_ELSEWHERE
    if closed.wins > 1:
        return "returning_customer", sentences.bought_again(closed.wins)
    return "customer", sentences.BOUGHT


def _asked(closed: Closings) -> tuple[Stage, Text] | None:
    for fact in closed.since:
        if _of(fact, "activity", "type") in _GOT_VALUE:
            return "pql", sentences.GOT_VALUE
    for fact in closed.since:
        asked = _request(fact)
        if asked is not None:
            return "sql", asked
    return None


def _request(fact: Fact) -> Text | None:
    """A clear wish to buy: their own words, or a specialist's finding."""
    if fact.kind == "staff":
        found = _of(fact, "activity", "type") == "staff.qualified"
        return sentences.QUALIFIED_BY_STAFF if found else None
    asked = _of(fact, "touch", "asks") or ()
    return sentences.asked(asked[0], _of(fact, "touch", "kind")) if asked else None


def _interested(story: Sequence[Fact], earned: int, thresholds: Thresholds) -> tuple[Stage, Text]:
    engaged = next(_engagements(story), None)
    if engaged is not None:
        return "mql", engaged
    if earned >= thresholds.mql:
        return "mql", sentences.reached(earned, thresholds.mql)
    reachable = any(_of(fact, "contact", way) for fact in story for way in _WAYS)
    return "iql", sentences.ONLY_INTERESTED if reachable else sentences.KNOWN_BY_NAME


def _engagements(story: Sequence[Fact]) -> Iterator[Text]:
    sections: Counter[str] = Counter()
    for fact in story:
        kind = _of(fact, "activity", "type")
        if kind in _ENGAGED:
            yield sentences.did(kind)
        elif _of(fact, "touch", "kind") == "chat":
            yield sentences.did("direct_message")
        elif _of(fact, "attribution", "channel") == "paid":
            yield sentences.FROM_AD
        elif kind == "page_view":
            sections[_section(_of(fact, "activity", "page"))] += 1
            if sections.most_common(1)[0][1] >= _PAGES:
                yield sentences.READ_SECTION


def _section(page: Any) -> str:
    return "/".join(str(page or "").split("/")[:2])


def _of(fact: Fact, root: str, name: str) -> Any:
    return fact.fields.get(root, {}).get(name)
