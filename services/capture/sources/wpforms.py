"""WPForms' webhooks: a flat body with the names that the site's owner chose, in JSON format.

After the sender's source (wpforms-webhooks/src/Process.php). In form format it signs a text that
is not sent, so only JSON can be proven. A submission has no id that is its own beyond one site:
what was signed at one time is one, so that the same bytes have no second effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_stamp
from services.capture.sources.questions import Question, answered
from services.capture.sources.repeats import of_stamp
from services.capture.sources.values import canonical, id_text, object_in

_BETWEEN: Final = "||"
_SIGNATURE: Final = b"x-wpforms-webhook-signature"


def prove(knock: Knock, source: Source, now: float) -> bool:
    """X-WPForms-Webhook-Signature, by the webhook's secret."""
    return by_stamp(knock, source, now, _SIGNATURE, b"v")


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission."""
    body, held = object_in(knock.body)
    if not body:
        return [odd(knock.body)]
    webhook = knock.headers.get(b"x-wpforms-webhook-id", b"").decode("latin-1")
    form = id_text(webhook.partition("_")[0])
    known = {"form_id": form} if form else {}
    arrival = Arrival(None, canonical(body), extra=known, held=held, form=form)
    questions = [Question((name,), _said(value)) for name, value in body.items()]
    found = answered(arrival, questions, source)
    return [found._replace(extra={name: _several(value) for name, value in found.extra.items()})]


def _said(value: Any) -> Any:
    """Of a date what was picked, without its second spelling."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _several(value: Any) -> Any:
    """Of boxes each; only here, for a message may have these signs too."""
    return value.split(_BETWEEN) if isinstance(value, str) and _BETWEEN in value else value


WPFORMS: Final = Kind(
    "wpforms", prove, parse_form, has_forms=True, is_signed=True, repeats=of_stamp(_SIGNATURE)
)
