"""Shared secrets: where they may stand, and how they may be written."""

from __future__ import annotations

import pytest

from services.capture.sources.proofs import by_shared_secret
from tests.unit.capture.sources.samples import knock, source

SLASHED = "q/8tE+Zk0/9w=="


@pytest.mark.parametrize("tail", [SLASHED, f"{SLASHED}/receiveUpdate", f"{SLASHED}/"])
def test_invariant_21_a_secret_with_slashes_is_one_in_the_address_too(tail: str) -> None:
    assert by_shared_secret(knock(b"", tail=tail), source("json", secret=["older", SLASHED]), 0)


@pytest.mark.parametrize(
    "tail", ["", "/", "q", "q/8tE+Zk0", f"{SLASHED}x", f"x/{SLASHED}", f"/{SLASHED}", "a/" * 5000]
)
def test_invariant_21_no_part_of_a_secret_and_nothing_around_it_proves(tail: str) -> None:
    assert not by_shared_secret(knock(b"", tail=tail), source("json", secret=SLASHED), 0)
