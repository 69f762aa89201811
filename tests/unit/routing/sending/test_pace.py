"""What a provider asks for is heeded within bounds: one odd number silences no channel."""

from __future__ import annotations

import pytest

from services.routing.buttons.replies import LONGEST_WAIT as LONGEST_SILENCE
from services.routing.buttons.replies import back_off
from services.routing.channels.contract import Refused, Unknown
from services.routing.sending.editing import (
    BETWEEN_SECONDS,
    LONGEST_WAIT,
    TRIES,
    at_once,
    wait_after,
)
from services.routing.store.postings import LEASE_SECONDS


@pytest.mark.parametrize("named", [1e9, 1e300, float("inf")])
def test_no_provider_can_ask_for_silence_without_end(named: float) -> None:
    assert wait_after(Refused("http_429", retry_after=named), 1) == LONGEST_WAIT
    assert back_off(1, named) == LONGEST_SILENCE


def test_what_is_asked_for_is_heeded() -> None:
    assert wait_after(Refused("http_429", retry_after=7.0), 1) == 7.0
    assert back_off(1, 120.0) == 120.0
    assert back_off(1, None) == 2.0
    assert back_off(1, -5.0) == 2.0
    assert back_off(5000, None) == 60.0


def test_a_change_is_tried_later_and_later_and_not_for_ever() -> None:
    assert wait_after(Unknown("timeout"), 3) == 8.0
    assert wait_after(Unknown("timeout"), TRIES) is None
    assert wait_after(Refused("http_400", for_good=True), 1) is None


@pytest.mark.parametrize("seconds", [0.6, 6.0, 12.0, 20.0])
def test_what_is_claimed_at_once_is_changed_within_the_claim(seconds: float) -> None:
    assert at_once(seconds) * (seconds + BETWEEN_SECONDS) <= LEASE_SECONDS


def test_one_that_takes_longer_than_a_claim_is_still_taken() -> None:
    assert at_once(100.0) == 1
