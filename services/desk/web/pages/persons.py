"""The form that erases a person: with a reason, and with nothing to take back."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from libs.common.events import Text
from services.desk.acting.actions import Erasing
from services.desk.store import staff
from services.desk.web.api.asking import Id, identity
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.pages import lead
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)
_UNSURE = Text(
    "دلیل را بنویسید و تأیید کنید که برگشتی ندارد",
    "say why, and confirm that it cannot be taken back",
)


@router.post("/persons/{item}/erase")
async def erase(request: Request, item: Id, who: Person) -> Response:
    """Erase the person, then show what is left of the lead that the form was on."""
    form = await fields(request)
    prove(who, form.get("csrf", ""))
    shown = identity(form.get("lead", ""))
    try:
        why = Erasing(reason=form.get("reason", ""))
    except ValidationError:
        why = None
    if why is None or form.get("sure") != "yes":
        return await lead.refused(request, shown, who, _UNSURE)
    deed = staff.Deed(who.actor, "erase", f"person:{item}")
    done = await desk_of(request).acting.erase(item, why.reason, deed)
    notice = "erased" if done.is_done else "pending"
    return RedirectResponse(f"/leads/{shown}?done={notice}", HTTPStatus.SEE_OTHER)
