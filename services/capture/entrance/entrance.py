"""The outermost layer: which host, which route, and an answer for whatever goes wrong.

Plain ASGI, because each layer of a framework costs as much as the whole of our own work here.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final, get_args
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter

from libs.common import metrics
from libs.common.serving.direct import Take
from libs.common.serving.exchange import Reply, lines
from services.capture.calls.call import Answer, Bodies, Call, Gone, Headers, Receive
from services.capture.calls.problems import TITLES, Problem
from services.capture.door.directory import LOOPBACK, authority
from services.capture.door.door import Door, received
from services.capture.entrance.probes import PATHS, Probes
from services.capture.pages import Pages
from services.capture.publishing.publisher import Durability
from services.capture.routes.activities import preflight, take_activities
from services.capture.routes.codes import Codes
from services.capture.routes.forms import Forms, is_navigation
from services.capture.routes.kiosk import Kiosk
from services.capture.routes.leads import take_lead
from services.capture.routes.script import Script
from services.capture.routes.webhooks import take_webhook

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_ALWAYS: Final = ((b"x-content-type-options", b"nosniff"),)
_UNLESS_SAID: Final = (b"cache-control", b"no-store")
_LEADS: Final = "/v1/leads"
_ACTIVITIES: Final = "/v1/activities"
_CODES: Final = "/q/"
_FORMS: Final = "/v1/forms/"
_SCRIPT: Final = "/s.js"
_KIOSK: Final = "/kiosk/"
_KIOSK_SCRIPT: Final = "/kiosk.js"
_WEBHOOKS: Final = "/v1/webhooks/"
_DOCUMENTATION: Final = frozenset({"/docs", "/openapi.json"})

_log = structlog.get_logger("capture")


class Entrance:
    """The application that is served."""

    def __init__(self, door: Door, pages: Pages, probes: Probes, documentation: App) -> None:
        self._door = door
        self._forms = Forms(door, pages)
        self._codes = Codes(door)
        self._script = Script()
        self._kiosk = Kiosk(door, pages)
        self._pages = pages
        self._probes = probes
        self._documentation = documentation
        self._bodies = Bodies()
        self._counters: dict[tuple[str, int], Counter] = {}
        public = door.settings.public_url
        self._public_host = authority(urlsplit(public).netloc) if public else ""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request, by ASGI."""
        if scope["type"] != "http":
            return
        call = Call(scope, receive, self._bodies)
        if call.path in _DOCUMENTATION and self._is_known(call):
            await self._documentation(scope, receive, send)
            return
        with contextlib.suppress(Gone):
            answer = await self._answer(call)
            headers = [(b"content-length", b"%d" % len(answer.body)), *_headers(answer)]
            if answer.status == HTTPStatus.NOT_MODIFIED:  # it would be the length of what is kept
                del headers[0]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": answer.body})

    def direct(self, scope: MutableMapping[str, Any]) -> Take | None:
        """Take what comes most often at once: posts of leads and forms (`serving/direct.py`).

        Idempotency keys are asked for in Postgres, within a time: that takes a task.
        """
        path = scope["path"]
        if scope["method"] != "POST" or not (path == _LEADS or path.startswith(_FORMS)):
            return None
        call = Call(scope, None, self._bodies)
        if path == _LEADS and b"idempotency-key" in call.headers:
            return None
        return lambda body: self._reply(call, body)

    async def _reply(self, call: Call, body: bytes) -> Reply:
        call.whole = body
        answer = await self._answer(call)
        head = _HEADS.get((answer.headers, answer.content_type)) if answer.body else None
        return Reply(answer.status, head or lines(_headers(answer)), answer.body)

    async def _answer(self, call: Call) -> Answer:
        """The answer, whatever goes wrong. Raises Gone."""
        route = "other"
        try:
            if not self._is_known(call):
                raise Problem(421)  # noqa: TRY301 - answered below, as all problems
            route, taking = self._route(call)
            answer = await taking
        except Problem as problem:
            answer = self._problem(call, problem)
        except Gone:
            raise
        except Exception as bug:  # the last resort: counted and logged, and nothing of it is shown
            where = traceback.extract_tb(bug.__traceback__)[-1]
            _log.error("door.bug", error=type(bug).__name__, at=f"{where.name}:{where.lineno}")
            answer = self._problem(call, Problem(500))
        finally:
            call.release()
        self._count(route, answer.status)
        return answer

    def _route(self, call: Call) -> tuple[str, Awaitable[Answer]]:
        """The route's name for metrics, and its answer to come. Raises Problem."""
        path = call.path
        if path == _LEADS:
            _only(call, "POST")
            return "leads", take_lead(self._door, call)
        if path == _ACTIVITIES:
            return "activities", self._activities(call)
        if path.startswith(_CODES):
            _only(call, "GET", "HEAD")
            return "codes", self._codes.answer(call, path.removeprefix(_CODES))
        if path.startswith(_FORMS):
            return "forms", self._form(call, path.removeprefix(_FORMS))
        if path.startswith(_WEBHOOKS):
            kind, _, rest = path.removeprefix(_WEBHOOKS).partition("/")
            key, _, tail = rest.partition("/")
            return "webhooks", take_webhook(self._door, call, kind, key, tail)
        return "other", self._other(call)

    def _other(self, call: Call) -> Awaitable[Answer]:
        """What is not for senders."""
        if call.path in PATHS:
            _only(call, "GET")
            return self._at_once(self._probes.answer(call.path))
        return self._at_once(self._in_a_browser(call))

    def _in_a_browser(self, call: Call) -> Answer:
        """Pages and scripts of our own. Raises Problem."""
        if call.path not in {_SCRIPT, _KIOSK_SCRIPT} and not call.path.startswith(_KIOSK):
            raise Problem(404)
        _only(call, "GET", "HEAD")
        if call.path == _SCRIPT:
            return self._script.answer(call)
        if call.path == _KIOSK_SCRIPT:
            return self._kiosk.script()
        return self._kiosk.page(call, call.path.removeprefix(_KIOSK))

    async def _at_once(self, answer: Answer) -> Answer:
        return answer

    async def _form(self, call: Call, path: str) -> Answer:
        key, _, page = path.partition("/")
        if page == "thanks":
            _only(call, "GET", "HEAD")
            return self._forms.thanks(key)
        if page:
            raise Problem(404)
        if call.method == "OPTIONS":
            return self._forms.preflight(call, key)
        _only(call, "POST", "OPTIONS")
        return await self._forms.post(call, key)

    async def _activities(self, call: Call) -> Answer:
        if call.method == "OPTIONS":
            return preflight(self._door, call)
        _only(call, "POST", "OPTIONS")
        return await take_activities(self._door, call)

    def _count(self, route: str, status: int) -> None:
        counter = self._counters.get((route, status))
        if counter is None:
            counter = self._counters[route, status] = metrics.CAPTURED.labels(route, str(status))
        counter.inc()

    def _is_known(self, call: Call) -> bool:
        """Whether it asks for one of our hosts: others may lead here (DNS rebinding).

        Only where a public address is configured can that be said.
        """
        if not self._public_host or call.path in PATHS:
            return True
        host = authority(call.header(b"host"))
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        known = host == self._public_host or name in LOOPBACK
        return known or bool({host, name} & self._door.directory().hosts)

    def _problem(self, call: Call, problem: Problem) -> Answer:
        seen = call.path.startswith((_CODES, _KIOSK))
        if seen or (call.path.startswith(_FORMS) and is_navigation(call)):
            title, language = TITLES[problem.status], self._door.language(call)
            page = self._pages.problem(problem.status, title, problem.detail, language)
            return page._replace(headers=(*page.headers, *problem.headers))
        return Answer(
            problem.status,
            problem.document(self._door.language(call)),
            b"application/problem+json",
            problem.headers,
        )


def _only(call: Call, *methods: str) -> None:
    if call.method not in methods:
        raise Problem(405, headers=((b"allow", ", ".join(methods).encode()),))


def _headers(answer: Answer) -> Headers:
    """All but the length."""
    headers = (*_ALWAYS, *answer.headers)
    if all(name != _UNLESS_SAID[0] for name, _ in answer.headers):
        headers = (*headers, _UNLESS_SAID)
    return (*headers, (b"content-type", answer.content_type)) if answer.body else headers


_HEADS: Final = {
    (answer.headers, answer.content_type): lines(_headers(answer))
    for answer in (received("", said) for said in get_args(Durability))
}
"""Of what nearly every sender hears."""
