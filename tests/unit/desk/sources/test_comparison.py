"""What comparing a source with its platform's list says: the newest word, and only what is one."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from libs.common.events import Activity, Event
from services.desk.reading.fold import fold
from services.desk.reading.rows import ComparisonRow
from services.desk.sources.comparison import concerns
from tests.integration.desk.journey import NOW, Journey, new

WORD = {"source": "ads", "compared": 40, "missing": 0, "late": 2, "repeated": 1, "days": 7}
ROW = ComparisonRow("ads", NOW, 40, 0, 2, 1, 7)


def said(minutes: int = 0, **data: Any) -> Event:
    at = NOW + timedelta(minutes=minutes)
    return Journey().event(Activity(new(), "source.reconciled", at, data=WORD | data))


def test_the_newest_word_counts_in_whatever_order_they_come() -> None:
    words = [said(0, missing=3), said(5, trouble="http_403"), said(9)]
    for order in itertools.permutations(words):
        rows = fold(order, {})
        assert rows.comparisons == {"ads": ROW._replace(at=NOW + timedelta(minutes=9))}
        assert rows.timeline == []


@pytest.mark.parametrize(
    "odd", [{"missing": "3"}, {"late": -1}, {"days": True}, {"compared": 2**40}, {"source": 7}]
)
def test_what_has_another_shape_is_left_out(odd: dict[str, Any]) -> None:
    assert fold([said(**odd)], {}).comparisons == {}


def test_only_lost_calls_and_lists_that_cannot_be_read_concern_anybody() -> None:
    assert concerns(ROW) == []
    lost, closed = concerns(ROW._replace(missing=3, trouble="http_403"))
    assert lost.fa == "۳ سرنخ از ads در ۷ روز گذشته فقط از فهرست سکو آمد؛ وب‌هوکش نرسید"
    assert lost.en.startswith("3 leads of ads in the last 7 days came only by")
    assert "http_403" in closed.fa
    assert "http_403" in closed.en
