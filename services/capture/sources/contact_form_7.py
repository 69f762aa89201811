"""Contact Form 7 by "CF7 to Webhook": the form's tags as they are named there.

https://github.com/mariovalney/cf7-to-zapier. It says no id of a submission and never sends
again, so that each call is one: the same words a week later are another wish to be called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.contract import Arrival, Kind, Knock, odd
from services.capture.sources.posted import read_form, submission
from services.capture.sources.proofs import by_shared_secret

_PAGES: Final = ("_url", "_post_url")
"""Special mail tags: the page that the form is on, and the post that it is in."""
_MADE: Final = re.compile(r"(tel|email|textarea)-\d{1,9}")
"""Names that the plugin's generator of tags makes: the type and a number."""
_TYPES: Final = {"tel": "phone", "email": "email", "textarea": "message"}
_BOX: Final = re.compile(r"acceptance-\d{1,9}")


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission; a body that its site's template has broken is held, whole."""
    form = read_form(knock)
    if form is None:
        return [odd(knock.body)]
    values: dict[str, Any] = {n: v for n, v in form.values.items() if not _BOX.fullmatch(n)}
    agreed = {n: v for n, v in form.values.items() if n not in values and v}
    for name in _PAGES:
        if values.get(name) and not values.get("page_url"):
            values["page_url"] = values.pop(name)
    made = [
        (found[1], name) for name in values if (found := _MADE.fullmatch(name)) and values[name]
    ]
    late = {_TYPES[type_]: name for type_, name in reversed(made)}
    return [submission(form._replace(values=values), source, late=late, agreed=agreed)]


CONTACT_FORM_7: Final = Kind("contact-form-7", by_shared_secret, parse_form)
