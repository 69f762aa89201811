"""Lists in pages: newest or hottest first, a cursor for where the page before ended."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.desk.store.finding import Place
from services.desk.values import within
from services.desk.web.language import Language

MOST: Final = 200
_DECODER: Final = msgspec.json.Decoder(Place)


def _place(text: str) -> str:
    read(text)
    return text


def read(text: str) -> Place:
    """The place that a cursor names. Raises ValueError for what is none of ours."""
    try:
        padded = text + "=" * (-len(text) % 4)
        place = _DECODER.decode(base64.b64decode(padded, b"-_", validate=True))
        known = Place(within(place.at), str(uuid.UUID(place.id)), place.score)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise ValueError("not a cursor of this list") from error
    if place.at.tzinfo is None:
        raise ValueError("not a cursor of this list")
    return known


def written(place: Place) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


class Asked(BaseModel):
    """The parameters that every call takes; any other is an error."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    lang: Language | None = None


class Listed(Asked):
    """The parameters that every list takes."""

    cursor: (
        Annotated[
            str,
            Field(max_length=300, json_schema_extra={"format": "cursor"}),
            AfterValidator(_place),
        ]
        | None
    ) = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50

    @property
    def after(self) -> Place | None:
        """Where the page before ended."""
        return read(self.cursor) if self.cursor else None


class Noticed(Listed):
    """The parameters of a page with a list: what was just done, too."""

    done: Annotated[str, Field(max_length=20)] | None = None


def page(
    rows: Sequence[Mapping[str, Any]],
    limit: int,
    by: str,
    shape: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """`rows` are one more than the limit when more follow; with a `rank` they are in its order."""
    shown = rows[:limit]
    more = len(rows) > limit
    last = shown[-1] if more else {}
    place = Place(last[by], str(last["id"]), last.get("rank")) if more else None
    return {"items": [shape(row) for row in shown], "next": place and written(place)}
