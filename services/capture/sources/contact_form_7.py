"""Contact Form 7 by "CF7 to Webhook": the form's tags as they are named there.

https://github.com/mariovalney/cf7-to-zapier. It says no id of a submission, so that the same
content within a minute is a repeat: the same words a week later are another wish to be called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.posted import read_form, submission, unreadable
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.questions import CONSENT, Question
from services.capture.sources.repeats import WINDOW, by_content
from services.capture.sources.values import canonical

_PAGES: Final = ("_url", "_post_url")
"""Special mail tags: the page that the form is on, and the post that it is in."""
_CLOCK: Final = frozenset({"_date", "_time"})
"""Special mail tags of its moment, by which two presses of a button would differ."""
_TYPES: Final = {
    "tel": "phone",
    "email": "email",
    "textarea": "message",
    "acceptance": CONSENT,
}
_MADE: Final = re.compile(rf"({'|'.join(_TYPES)})-\d{{1,9}}")
"""Names that the plugin's generator of tags makes: the type and a number."""


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission; a body that its site's template has broken is held, whole."""
    form = read_form(knock)
    if form is None:
        return [unreadable(knock)]
    page = next((name for name in _PAGES if form.values.get(name)), None)
    found = submission(form, source, [_question(n, v, page) for n, v in form.values.items()])
    said = {name: value for name, value in form.values.items() if name not in _CLOCK}
    return [found._replace(content=canonical(said))]


def _question(name: str, value: Any, page: str | None) -> Question:
    if name == page:
        return Question(("page_url",), value)
    made = _MADE.fullmatch(name)
    return Question((name,), value, _TYPES[made[1]] if made else None)


CONTACT_FORM_7: Final = Kind(
    "contact-form-7", by_shared_secret, parse_form, repeats=by_content, again_after=WINDOW
)
