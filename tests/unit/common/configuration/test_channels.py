"""A channel that could reach nobody is an error where it is written, not a silence later."""

from __future__ import annotations

import pytest

from libs.common.configuration.load import load
from tests.unit.common.configuration.test_load import VALID, warned, wrong

MAIL = 'email: {url: "smtp://127.0.0.1:1025", from: "Nil <l@nil.example>"}'


def told(route: str, channels: str = "") -> str:
    notify = f"{{key: sara, name: سارا, notify: [{route}]}}"
    text = VALID.replace("{key: sara, name: سارا}", notify, 1)
    return f"{text}channels: {{{channels}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        told("{channel: email, to: sara@nil.example}", MAIL),
        told("{channel: email, to: 'x+y@نیل.example'}", MAIL.replace("smtp:", "smtps:")),
        told("{channel: telegram, to: '123456'}", "telegram: {token: '1:x'}"),
        told("{channel: telegram, to: '-100123456'}", "telegram: {token: '1:x'}"),
        told("{channel: bale, to: '@sara_nil'}", "bale: {token: '1:x'}"),
    ],
)
def test_what_can_reach_somebody_is_taken(text: str) -> None:
    assert load(text, {}).warnings == ()


NOTIFY = "line 6: teams[0].specialists[0].notify[0]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (told("{channel: email, to: sara}", MAIL), f"{NOTIFY}.to: is no e-mail address"),
        (told("{channel: email, to: 'a b@x'}", MAIL), f"{NOTIFY}.to: is no e-mail address"),
        (told("{channel: email, to: a@x.y}"), f"{NOTIFY}.channel: e-mail needs channels.email.url"),
        (told("{channel: telegram, to: sara}", "telegram: {token: x}"), f"{NOTIFY}.to: must be a"),
        (told("{channel: telegram, to: '1'}"), f"{NOTIFY}.channel: needs the bot's token"),
        (
            told("{channel: console}", "email: {url: 'http://x', from: 'a@x.y'}"),
            "line 8: channels.email.url: must be smtp://",
        ),
        (
            told("{channel: console}", "email: {url: 'smtp://x:99999', from: 'a@x.y'}"),
            "line 8: channels.email.url: must be smtp://",
        ),
        (
            told("{channel: console}", "email: {url: 'smtp://x', from: Nil}"),
            "line 8: channels.email.from: has no e-mail address",
        ),
    ],
)
def test_what_can_reach_nobody_is_refused(text: str, said: str) -> None:
    assert any(line.startswith(said) for line in wrong(text)), wrong(text)


def test_a_password_in_the_clear_and_a_bot_of_two_masters_are_warned_about() -> None:
    mail = "email: {url: 'smtp://u:p@mail.example', from: 'a@x.y'}"
    [said] = warned(told("{channel: console}", mail))
    assert said.startswith("line 8: channels.email.url: sends the password")
    assert not warned(told("{channel: console}", mail.replace("mail.example", "127.0.0.1")))
    both = (
        told("{channel: console}", "telegram: {token: '1:x'}")
        + "sources: [{key: t, kind: telegram, secret: s, access_token: '1:x'}]\n"
    )
    assert any("is also the bot" in said for said in warned(both))
