"""Codes of the file: what cannot be opened is an error, and what joins nothing a warning."""

from __future__ import annotations

import pytest

from tests.unit.common.configuration.test_load import VALID, warned, wrong


def coded(target: str) -> str:
    sites = "sites: [{key: a, hosts: [www.nil.example]}]\n"
    return f"{VALID}{sites}qr: [{{code: hall, target: '{target}'}}]"


@pytest.mark.parametrize("target", ["nil.example/expo", "tg://resolve?domain=x", "https://", "x y"])
def test_a_target_that_no_phone_opens_is_an_error(target: str) -> None:
    assert "qr[0].target: must be a whole web address" in str(wrong(coded(target)))


def test_a_target_on_another_site_is_a_warning() -> None:
    assert "qr[0].target: is on none of the sites" in str(warned(coded("https://other.example/x")))
    for target in ("https://nil.example/expo", "https://t.me/nil_bot"):
        assert "qr" not in str(warned(coded(target)))
