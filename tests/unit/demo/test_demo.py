"""The demonstration finds what is not where it belongs."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from standardwebhooks import Webhook

from demo.__main__ import plan, report
from demo.checking import Seen, misplaced
from demo.firm import Firm
from demo.people import invent, spellings
from demo.sending import Sent
from demo.stories import STORIES
from demo.stories.programs import signed
from libs.common.configuration.load import load_file

ROOT = Path(__file__).parents[3]
ALONE = Sent("form, JSON", "a", "notified")
BOT = Sent("bot", "b", "quarantined", reason="suspected_bot")
GROUP = [
    Sent("telegram", "c", "notified", group="g"),
    Sent("telegram", "d", "duplicate", group="g"),
]


def firm_of(path: Path) -> Firm:
    return Firm(load_file(path, {}).configuration, "", "", "")


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        ({"a": ("notified", None), "b": ("quarantined", "suspected_bot")}, ""),
        ({"a": ("waiting", None), "b": ("quarantined", "suspected_bot")}, ""),
        ({"a": ("assigned", None), "b": ("quarantined", "suspected_bot")}, "a"),
        ({"a": ("notified", None), "b": ("quarantined", "rate")}, "b"),
        ({"b": ("notified", None)}, "ab"),
    ],
)
def test_names_what_differs(seen: dict[str, tuple[str, str | None]], wrong: str) -> None:
    found = {name: Seen(*each) for name, each in seen.items()}
    assert "".join(each.submission_id for each in misplaced([ALONE, BOT], found)) == wrong
    assert report([ALONE, BOT], found) is (not wrong)


@pytest.mark.parametrize(
    ("states", "fits"),
    [
        (("notified", "duplicate"), True),
        (("duplicate", "notified"), True),
        (("notified", "notified"), False),
        (("duplicate", "duplicate"), False),
        (("notified", "scored"), False),
    ],
)
def test_one_of_a_person_s_several_is_told(states: tuple[str, str], fits: bool) -> None:  # noqa: FBT001 - what is expected
    found = {name: Seen(state, None) for name, state in zip("cd", states, strict=True)}
    assert (misplaced(GROUP, found) == []) is fits


def test_the_full_configuration_makes_every_story_possible() -> None:
    firm = firm_of(ROOT / "demo" / "sarnakh.yaml")
    assert [story.name for story in STORIES if not story.is_possible(firm)] == []
    assert firm.platform == ("127.0.0.1", 8490)


def test_the_shipped_example_is_shown_what_it_takes() -> None:
    firm = firm_of(ROOT / "sarnakh.example.yaml")
    told = {story.name for story in plan(firm, 40, seed=1)}
    assert {"form, urlencoded", "bot", "visits of nobody", "desk, a call"} <= told
    assert "meta" not in told
    assert firm.forms_per_minute == 120


def test_the_same_seed_is_the_same_traffic() -> None:
    firm = firm_of(ROOT / "demo" / "sarnakh.yaml")
    assert plan(firm, 80, seed=5) == plan(firm, 80, seed=5) != plan(firm, 80, seed=6)
    assert sum(story.makes for story in plan(firm, 80, seed=5)) >= 80
    assert invent(Random("5:1")) == invent(Random("5:1"))  # noqa: S311 - people, not secrets
    assert len(set(spellings(invent(Random(1)).phone))) == 6  # noqa: S311 - as above


def test_signs_as_the_standard_s_own_library_expects() -> None:
    secret, body = "whsec_c2FybmFraCBkZW1vIHNlY3JldCE=", b'{"type":"lead.created"}'
    at = int(time.time())
    Webhook(secret).verify(body, signed(secret, "msg_1", at, body))
