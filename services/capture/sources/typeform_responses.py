"""Typeform's responses, in a call or in the list of a form: questions by their titles and refs.

https://www.typeform.com/developers/responses/reference/retrieve-responses/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from libs.common.bodies import Unreadable
from libs.common.configuration.schema import Source
from services.capture.sources import rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed, Reply, Request, Trouble
from services.capture.sources.listing import Asked, Beside, Found, Listing, Page, newest_of
from services.capture.sources.questions import CONSENT, Question, answered
from services.capture.sources.values import alone, canonical, id_text, mapping, of_iso, texts

ADDRESS: Final = "https://api.typeform.com"
AT_ONCE: Final = 100
WHOLE: Final = "form_response"
PARTIAL: Final = "form_response_partial"
_EXAMPLE: Final = "an_account@example.com"
"""The address in the answers of Typeform's own example and test request."""
_MEANS: Final = {"email": "email", "phone_number": "phone"}


def response_of(body: dict[str, Any], source: Source, event: str = WHOLE) -> Arrival:
    """What was answered, from the body of a call; it has a token and a list of answers.

    A whole response never changes, so that its token says as much as its content.
    """
    response = mapping(body.get("form_response"))
    token, is_partial = id_text(response.get("token")) or "", event == PARTIAL
    answers = response.get("answers") or []
    definition = mapping(response.get("definition"))
    titles = dict(_titles(definition.get("fields")))
    questions = [_question(mapping(each), titles) for each in answers]
    hidden = [Question((name,), text) for name, text in mapping(response.get("hidden")).items()]
    arrival = Arrival(
        f"{token}:partial" if is_partial else token,
        canonical(response) if is_partial else token.encode(),
        extra=_beside(response, definition) | ({"partial": True} if is_partial else {}),
        test=any(question.answer == _EXAMPLE for question in questions),
        form=id_text(response.get("form_id")),
        occurred_at=of_iso(response.get("submitted_at")),
    )
    return answered(arrival, [*questions, *hidden], source, whole=body)


def places(source: Source) -> tuple[str, ...]:
    """The forms that are named."""
    return source.forms or ()


def request(asked: Asked, source: Source) -> Request:
    """A page of a form's responses, the newest first; the next is of those before its last."""
    query = {"page_size": str(AT_ONCE)}
    if asked.since:
        query["since"] = asked.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if asked.cursor:
        query["before"] = asked.cursor
    return _get(source, f"{quote(asked.place, safe='')}/responses?{urlencode(query)}")


def read(asked: Asked, source: Source, reply: Reply) -> Found | Beside:
    """The responses, which are understood once the form's questions are known."""
    wrong = _trouble(reply)
    if wrong is not None:
        return wrong
    page = rest.listed_in(reply, "items")
    if isinstance(page, Failed):
        return page
    body, items = page
    listed = [one for each in items if id_text((one := mapping(each)).get("token"))]
    if not listed:
        return Page()
    is_last = body.get("page_count") == 1
    further = () if is_last else (id_text(listed[-1]["token"]) or "",)
    form = _get(source, quote(asked.place, safe=""))
    return Beside(form, partial(_understood, asked, source, (listed, further)))


def _understood(
    asked: Asked,
    source: Source,
    page: tuple[list[dict[str, Any]], tuple[str, ...]],
    reply: Reply,
) -> Found:
    """The page's responses with their questions' titles, and where the next page begins."""
    wrong = _trouble(reply)
    if wrong is not None:
        return wrong
    try:
        form = rest.json_object(reply.body) or {}
    except Unreadable:
        return Failed("cut_form")
    listed, further = page
    found = tuple(
        _arrival(one, asked.place, form, source)
        for one in listed
        if isinstance(one.get("answers") or [], list)
    )
    return Page(found, newest_of([each.occurred_at for each in found]), further)


def _arrival(item: dict[str, Any], place: str, form: dict[str, Any], source: Source) -> Arrival:
    """As the call would have brought it."""
    ending = texts(item, "thankyou_screen_ref").get("thankyou_screen_ref")
    response = {
        **item,
        "form_id": place,
        "definition": {"id": place, "title": form.get("title"), "fields": form.get("fields")},
        **({"ending": {"ref": ending}} if ending and "ending" not in item else {}),
    }
    body = {"event_type": WHOLE, "form_response": response}
    return response_of(body, source)._replace(raw=canonical(body))


def _get(source: Source, path: str) -> Request:
    base = (source.api_url or ADDRESS).rstrip("/")
    return Request(f"{base}/forms/{path}", rest.bearing(source))


def _trouble(reply: Reply) -> Trouble | None:
    own = id_text(rest.error_of(reply).get("code"))
    return rest.trouble(reply, own or f"http_{reply.status}")


def _titles(fields: Any) -> Iterator[tuple[str, str]]:
    """Each question's title by its id, also of those inside groups and contact blocks."""
    for field in fields if isinstance(fields, list) else ():
        known = texts(mapping(field), "id", "title")
        if len(known) > 1:
            yield known["id"], known["title"]
        yield from _titles(mapping(mapping(field).get("properties")).get("fields"))


def _question(answer: dict[str, Any], titles: dict[str, str]) -> Question:
    field = mapping(answer.get("field"))
    known = texts(field, "id", "ref")
    title = titles.get(known.get("id", ""))
    names = tuple(name for name in (title, known.get("ref"), known.get("id")) if name)
    type_ = texts(answer, "type").get("type", "")
    means = CONSENT if field.get("type") == "legal" else _MEANS.get(type_)
    return Question(names or (type_ or "answer",), _said(answer.get(type_)), means)


def _said(value: Any) -> Any:
    """The labels that were chosen, and what was written beside them; other values as they are."""
    if not isinstance(value, dict):
        return value
    labels = value.get("labels")
    chosen = labels if isinstance(labels, list) else [*texts(value, "label").values()]
    chosen = [*chosen, *texts(value, "other").values()]
    return alone(chosen) if chosen else value


def _beside(response: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    """What is known beside the answers: which form it was, the score, variables, the ending."""
    ending = mapping(response.get("ending"))
    found: dict[str, Any] = texts(
        {**response, "form_title": definition.get("title"), "ending": ending.get("ref")},
        "landed_at",
        "form_id",
        "form_title",
        "ending",
    )
    variables = response.get("variables")
    calculated = mapping(response.get("calculated"))
    if "score" in calculated:
        found["score"] = calculated["score"]
    for each in variables if isinstance(variables, list) else ():
        said = texts(mapping(each), "key", "type")
        if len(said) > 1:
            found[said["key"]] = each.get(said["type"])
    return found


LISTING: Final = Listing(places, request, read)
