"""A form that cannot be done is answered in the reader's own language."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from services.desk.acting.actions import LONGEST_NOTE
from services.desk.web.drawing.wrong import words_of
from services.desk.web.pages.lead import read


@pytest.mark.parametrize(
    ("form", "fa", "en"),
    [
        ({"action": "lost"}, "دلیل را بنویسید", "write the reason"),
        ({"action": "decline", "reason": " "}, "دلیل را بنویسید", "write the reason"),
        ({"action": "note"}, "یادداشت خالی است", "the note is empty"),
        ({"action": "won", "amount": "much"}, "مبلغ را با عدد", "write the amount"),
        ({"action": "won", "amount": "-1"}, "مبلغ را با عدد", "write the amount"),
        ({"action": "reassign"}, "بگویید به چه کسی", "say to whom"),
        ({"action": "snooze", "until": "later"}, "زمان درستی نیست", "that is no right time"),
        (
            {"action": "note", "text": "x" * (LONGEST_NOTE + 1)},
            "حداکثر ۴۰۰۰ نویسه",
            "write at most 4000 characters",
        ),
        ({"action": "dance"}, "این درخواست خوانا نبود", "the request could not be read"),
        ({}, "این درخواست خوانا نبود", "the request could not be read"),
        ({"action": "accept", "amount": "5"}, "این درخواست خوانا نبود", "the request could not"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(form: dict[str, str], fa: str, en: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(form)
    words = words_of(refused.value, form.get("action", ""))
    assert words.fa.startswith(fa)
    assert words.en.startswith(en)
    assert not re.search("[A-Za-z]", words.fa)
