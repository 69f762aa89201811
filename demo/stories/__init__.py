"""What people and platforms do: one function each, one tuple."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, NamedTuple

from demo.firm import Firm
from demo.sending import Sender
from demo.stories import bots, forms, platforms, programs, visits

Run = Callable[[Sender, Random, str], Awaitable[None]]
"""Gets the sender, its own random numbers, and a name that no other story of this run has."""


class Story(NamedTuple):
    """Something that happens, how often among all, and how many submissions it makes."""

    name: str
    run: Run
    weight: int
    makes: int
    needs: str = "form"
    """What the configuration must have: form, api_key, qr, platform, or a kind of source."""

    @property
    def posts_forms(self) -> bool:
        """Whether the limit on forms counts it."""
        return self.needs in ("form", "qr")

    def is_possible(self, firm: Firm) -> bool:
        """Whether the system is set up for it."""
        if self.needs == "meta":
            return firm.platform is not None
        found = {
            "nothing": True,
            "form": bool(firm.forms),
            "api_key": firm.api_key is not None,
            "qr": bool(firm.configuration.qr and firm.forms),
        }
        return found.get(self.needs, firm.source(self.needs) is not None)


STORIES: Final = (
    Story("form, urlencoded", forms.urlencoded, 10, 1),
    Story("form, multipart", forms.multipart, 5, 1),
    Story("form, JSON", forms.as_json, 8, 1),
    Story("form, clicked twice", forms.twice, 3, 1),
    Story("form, one person six times", forms.six_spellings, 2, 6),
    Story("form, bad phone", forms.bad_phone, 4, 1),
    Story("bot", bots.bot, 5, 1),
    Story("visits, then a form", visits.visits_then_form, 4, 4),
    Story("QR scan, then a form", visits.scan_then_form, 4, 1, "qr"),
    Story("visits of nobody", visits.passer_by, 3, 2, "nothing"),
    Story("API", programs.api, 6, 1, "api_key"),
    Story("desk, a call", programs.call, 4, 1, "nothing"),
    Story("standard webhook", programs.standard, 5, 1, "standard"),
    Story("meta", platforms.meta, 5, 1, "meta"),
    Story("google-ads", platforms.google_ads, 5, 1, "google-ads"),
    Story("google-ads, test", platforms.google_ads_test, 1, 1, "google-ads"),
    Story("telegram", platforms.telegram, 4, 1, "telegram"),
)
