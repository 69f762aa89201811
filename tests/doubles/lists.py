"""Platforms that can be asked what there was: they page, and behave badly on demand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doubles import linkedin
from tests.doubles.graph import FORM, Graph
from tests.doubles.linkedin import LinkedIn

ACCOUNT = "urn:li:sponsoredAccount:522529623"
LINKEDIN_FORM = f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{linkedin.FORM},1)"

Query = dict[str, str]


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Lists(Graph):
    """What was sent there and when, and how it is listed: `again` repeats over page borders."""

    path = "leads"
    """The last part of the list's path, whose mood may differ."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, datetime] = {}
        self.at_once = 2
        self.again = 0
        self.is_reversed = False
        self.heeds_time = True
        self.pages: list[list[str]] = []
        """Ids on each page of the list that was given out."""
        self.dies_after: int | None = None
        """Pages until the platform is away."""

    def call(self, item: str) -> bytes:
        """What its webhook says of a lead."""
        raise NotImplementedError

    def key(self, item: str) -> str:
        """The platform's own name of a lead."""
        return item

    def listed(self, since: datetime | None) -> list[str]:
        """The newest first, unless it is the other way round today."""
        found = sorted(self.sent, key=lambda item: (self.sent[item], item))
        if since and self.heeds_time:
            found = [item for item in found if self.sent[item] >= since]
        return found if self.is_reversed else found[::-1]

    def page(self, since: datetime | None, start: int) -> tuple[list[str], int | None]:
        """Ids from there on, and where the next page begins."""
        every = self.listed(since)
        found = every[max(0, start - self.again) : start + self.at_once]
        self.pages.append(found)
        end = start + self.at_once
        if self.dies_after is not None and len(self.pages) >= self.dies_after:
            self.moods[self.path] = "fails"
        return found, end if end < len(every) else None

    def say(self, call: BaseHTTPRequestHandler, body: Any) -> None:
        self._say(call, 200, json.dumps(body).encode())

    @staticmethod
    def address(call: BaseHTTPRequestHandler) -> tuple[list[str], Query]:
        """The path's parts, and the query."""
        url = urlsplit(call.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return url.path.strip("/").split("/"), query


class MetaLists(Lists):
    """Leads of a form, by time; forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms = [FORM]

    def call(self, item: str) -> bytes:
        made = seconds(self.sent[item])
        value = {"leadgen_id": item, "form_id": FORM, "page_id": "1", "created_time": made}
        change = {"field": "leadgen", "value": value}
        entry = {"id": "1", "time": made, "changes": [change]}
        return json.dumps({"object": "page", "entry": [entry]}).encode()

    def _well(self, call: BaseHTTPRequestHandler, item: str) -> None:
        parts, query = self.address(call)
        if item == "leadgen_forms":
            self.say(call, {"data": [{"id": form} for form in self.forms], "paging": {}})
        elif item != self.path:
            super()._well(call, item)
        elif parts[-2] != FORM:
            self.say(call, {"data": []})
        else:
            newer = json.loads(query.get("filtering", '[{"value": 0}]'))[0]["value"]
            since = datetime.fromtimestamp(newer, UTC) if newer else None
            found, following = self.page(since, int(query.get("after", "0")))
            made = [{"id": i, "created_time": iso(self.sent[i]), "form_id": FORM} for i in found]
            more = {"cursors": {"after": str(following)}, "next": "https://x/?after=x"}
            self.say(call, {"data": made, "paging": more if following else {}})


class LinkedInLists(LinkedIn, Lists):
    """Leads of an account, by offset."""

    path = "leadFormResponses"

    def call(self, item: str) -> bytes:
        body = {
            "type": "LEAD_ACTION",
            "leadGenFormResponse": f"urn:li:leadGenFormResponse:{item}",
            "leadGenForm": LINKEDIN_FORM,
            "owner": {"sponsoredAccount": ACCOUNT},
            "leadType": "SPONSORED",
            "leadAction": "CREATED",
            "occurredAt": seconds(self.sent[item]) * 1000,
        }
        return json.dumps(body).encode()

    def _well(self, call: BaseHTTPRequestHandler, item: str) -> None:
        _parts, query = self.address(call)
        if item != self.path or call.headers.get("LinkedIn-Version") not in self.versions:
            super()._well(call, item)
            return
        assert "owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A522529623)" in call.path
        window = query.get("submittedAtTimeRange", "(start:0,")
        began = int(window.removeprefix("(start:").partition(",")[0]) // 1000
        since = datetime.fromtimestamp(began, UTC) if began else None
        start = int(query["start"])
        found, _following = self.page(since, start)
        leads = [
            linkedin.lead(i)
            | {
                "submittedAt": seconds(self.sent[i]) * 1000,
                "owner": {"sponsoredAccount": ACCOUNT},
                "leadType": "SPONSORED",
            }
            for i in found
        ]
        total = len(self.listed(since))
        self.say(call, {"elements": leads, "paging": {"start": start, "count": 2, "total": total}})


class RestLists(Lists):
    """Whoever tells what is wrong by the status."""

    def _throttles(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 429, b"{}", {"Retry-After": "60"})

    def _bad_token(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 401, b"{}")

    def _misses(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 404, b"{}")


class TypeformLists(RestLists):
    """Responses of a form, before a token; what was asked stands in the form."""

    path = "responses"
    form = "lT4Z3j"

    def item(self, item: str) -> dict[str, Any]:
        moment = iso(self.sent[item])
        answers = [
            {"type": "text", "text": f"نیلوفر {item}", "field": {"id": "f1", "ref": "your_name"}},
            {
                "type": "phone_number",
                "phone_number": f"+98912{item[-7:].zfill(7)}",
                "field": {"id": "f2", "ref": "tel", "type": "phone_number"},
            },
        ]
        return {"token": item, "submitted_at": moment, "landed_at": moment, "answers": answers}

    @property
    def fields(self) -> list[dict[str, Any]]:
        return [{"id": "f1", "title": "نام شما؟"}, {"id": "f2", "title": "شماره؟"}]

    def call(self, item: str) -> bytes:
        definition = {"id": self.form, "title": "تماس", "fields": self.fields}
        response = {**self.item(item), "form_id": self.form, "definition": definition}
        whole = {"event_id": "01", "event_type": "form_response", "form_response": response}
        return json.dumps(whole).encode()

    def _well(self, call: BaseHTTPRequestHandler, item: str) -> None:
        parts, query = self.address(call)
        if item != self.path:
            self.say(call, {"id": self.form, "title": "تماس", "fields": self.fields})
            return
        if parts[-2] != self.form:
            self.say(call, {"items": [], "page_count": 1})
            return
        since = datetime.fromisoformat(query["since"] + "+00:00") if "since" in query else None
        before = query.get("before")
        start = self.listed(since).index(before) + 1 if before else 0
        found, following = self.page(since, start)
        last = 2 if following or before else 1
        self.say(call, {"items": [self.item(i) for i in found], "page_count": last})


class CalendlyLists(RestLists):
    """Meetings of an account, each with its invitee."""

    path = "scheduled_events"

    def key(self, item: str) -> str:
        return f"https://api.calendly.com/scheduled_events/E{item}/invitees/I{item}"

    def meeting(self, item: str) -> dict[str, Any]:
        made = iso(self.sent[item])
        return {
            "uri": f"https://api.calendly.com/scheduled_events/E{item}",
            "name": "مشاوره",
            "start_time": "2027-01-03T08:00:00Z",
            "end_time": "2027-01-03T08:30:00Z",
            "created_at": made,
            "updated_at": made,
            "invitees_counter": {"total": 1, "active": 1, "limit": 1},
        }

    def invitee(self, item: str) -> dict[str, Any]:
        return {
            "uri": self.key(item),
            "name": f"نیلوفر {item}",
            "email": f"n{item}@example.ir",
            "status": "active",
            "created_at": iso(self.sent[item]),
            "questions_and_answers": [{"question": "Phone", "answer": f"0912{item[-7:].zfill(7)}"}],
        }

    def call(self, item: str) -> bytes:
        payload = self.invitee(item) | {"scheduled_event": self.meeting(item)}
        event = {"event": "invitee.created", "created_at": iso(self.sent[item]), "payload": payload}
        return json.dumps(event).encode()

    def _well(self, call: BaseHTTPRequestHandler, item: str) -> None:
        _parts, query = self.address(call)
        parts = call.path.partition("?")[0].strip("/").split("/")
        if parts == ["users", "me"]:
            of = "https://api.calendly.com/organizations/O1"
            self.say(call, {"resource": {"uri": "https://x/users/U", "current_organization": of}})
        elif item == "invitees":
            found = self.invitee(parts[-2].removeprefix("E"))
            self.say(call, {"collection": [found], "pagination": {"next_page_token": None}})
        elif item != self.path:
            self.say(call, {"resource": self.meeting(item.removeprefix("E"))})
        else:
            assert query["organization"] == "https://api.calendly.com/organizations/O1"
            on_page, following = self.page(None, int(query.get("page_token", "0")))
            token = str(following) if following else None
            meetings = [self.meeting(i) for i in on_page]
            self.say(call, {"collection": meetings, "pagination": {"next_page_token": token}})


KINDS: dict[str, type[Lists]] = {
    "meta": MetaLists,
    "linkedin": LinkedInLists,
    "typeform": TypeformLists,
    "calendly": CalendlyLists,
}
NEEDS = {
    "meta": f', forms: ["{FORM}"]',
    "linkedin": f', account: "{ACCOUNT}"',
    "typeform": f', forms: ["{TypeformLists.form}"]',
    "calendly": "",
}
"""What of the configuration names the list."""
