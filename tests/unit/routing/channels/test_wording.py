"""What strangers type never becomes markup, a link, a header or another direction."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from libs.common.events import Contact
from services.routing.channels import keyboard
from services.routing.channels.console import Console
from services.routing.channels.letter import BadAddress, letter
from services.routing.channels.mail import Server, server
from services.routing.channels.telegram import typed, written
from services.routing.channels.wording import facts
from services.routing.messages.message import Message
from tests.unit.routing.messages.samples import HOSTILE, a_message, hostile


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_telegram_message_has_only_our_tags_and_no_link_of_theirs(text: str) -> None:
    found = written(hostile(text))
    assert {tag for tag, _ in tags(found)} <= {"b", "blockquote", "code"}
    shown = unescape(re.sub("<[^>]*>", "", found))
    assert len(shown.encode("utf-16-le")) / 2 < 4096
    for line in re.findall("\u2068(.*?)\u2069", found, re.DOTALL):
        assert not re.search(r"[.:/@#_](?!\u2060)\w", line), line


@given(st.text())
def test_nothing_typed_is_markup_in_either_form(text: str) -> None:
    assert not tags(typed(text))
    assert not re.search(r"[*_`\[\]](?!\u2060)", typed(text, marked=False))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_an_e_mail_has_one_subject_one_reader_and_no_foreign_link(text: str, language: str) -> None:
    raw = bytes(letter(_in(language, hostile(text)), "sara@nil.example", "Nil <l@nil.example>"))
    mail = message_from_bytes(raw, policy=default)
    assert mail["Bcc"] is None
    assert len(mail.get_all("To", [])) == 1
    assert len(mail["Subject"]) <= 200
    part = mail.get_body(("html",))
    assert part is not None
    found = tags(part.get_content())
    assert {tag for tag, _ in found} <= {
        "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "p", "h1",
        "span", "a", "bdi", "br",
    }  # fmt: skip
    ours = ("https://desk.nil.example/", "tel:+98", "mailto:")
    assert all(str(a["href"]).startswith(ours) for tag, a in found if tag == "a")
    assert not any(name.startswith("on") for _, attributes in found for name in attributes)


def test_invariant_23_a_click_on_an_address_writes_to_that_address_alone() -> None:
    contact = Contact(name="x", email="sara?bcc=everybody&body=x@evil.example")
    part = letter(a_message(contact=contact), "sara@nil.example", "l@nil.example").get_body(
        ("html",)
    )
    assert part is not None
    (to,) = [a["href"] for tag, a in tags(part.get_content()) if str(a.get("href"))[:3] == "mai"]
    assert to == "mailto:sara%3Fbcc%3Deverybody%26body%3Dx@evil.example"


async def test_invariant_23_a_page_on_the_console_is_one_line_and_turns_nothing() -> None:
    printed: list[str] = []

    async def begin() -> bool:
        return True

    message = hostile("x\nFORGED\x1b[31m\u202e\r")
    await Console(printed.append).send(message, "", None, begin)
    assert len(printed) == 1
    assert not re.search("[\\x00-\\x1f\u202e]", printed[0])


def _in(language: str, message: Message) -> Message:
    return a_message(contact=message.contact, page=message.page, language=language)


def test_an_e_mail_is_the_same_at_every_attempt_and_says_that_a_machine_wrote_it() -> None:
    first, again = (letter(a_message(), "sara@nil.example", "l@nil.example") for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Message-ID"] == "<8c1f6a52-4a51-5d0e-9a57-2f6f0f4b9c11@nil.example>"
    assert first["Date"] == again["Date"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Subject"] == "سرنخ تازه: نیلوفر رضایی · nil.example/services/seo"


def test_both_parts_say_who_what_why_and_until_when() -> None:
    mail = letter(a_message(), "sara@nil.example", "l@nil.example")
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        for said in ("نیلوفر رضایی", "بودجه ماهی", "تا ۱۰:۳۰ بپذیرید", "نوبت سارا بود", "۷۲"):
            assert said in text, (kind, said)
        assert "https://desk.nil.example/a/token?lang=fa" in text


def test_a_deadline_on_another_day_says_which() -> None:
    due = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert facts(a_message(accept_by=due)).deadline == "تا دوشنبه ۲ آذر ساعت ۰۹:۳۰ بپذیرید"
    english = facts(a_message(accept_by=due, language="en")).deadline
    assert english == "Accept by 09:30 on Monday 23 November"


@pytest.mark.parametrize("to", ["", "sara", "sara@", "@x", "a b@x.example", "سارا@x.example"])
def test_an_address_that_no_mail_can_go_to_is_said_so(to: str) -> None:
    with pytest.raises(BadAddress):
        letter(a_message(), to, "l@nil.example")


def test_a_domain_in_persian_is_written_as_mail_servers_do() -> None:
    mail = letter(a_message(), "sara@نیل.example", "l@nil.example")
    assert mail["To"].addresses[0].addr_spec == "sara@xn--ghbd61b.example"


def test_every_button_fits_and_is_read_back() -> None:
    message = a_message()
    rows = [
        *keyboard.of_message(message)["inline_keyboard"],
        *keyboard.of_reasons(message.id, "fa")["inline_keyboard"],
    ]
    pressed = []
    for button in (button for row in rows for button in row):
        if data := button.get("callback_data"):
            assert len(data.encode()) <= 64
            press = keyboard.read(data)
            assert press
            assert press.notification_id == message.id
            pressed.append(press.action + press.reason)
    assert pressed == [
        "accept", "contacted", "decline",
        "reasonbusy", "reasonfield", "reasonnumber", "reasonspam", "reasonother", "back",
    ]  # fmt: skip


@given(st.text())
def test_any_other_data_is_no_press(data: str) -> None:
    assert keyboard.read(data) is None


@pytest.mark.parametrize(
    ("base", "has_link"),
    [
        ("https://desk.nil.example", True),
        ("http://10.0.0.5:8080", True),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://[::1]:8080", False),
    ],
)
def test_a_link_to_the_machine_itself_is_left_out(base: str, *, has_link: bool) -> None:
    rows = keyboard.of_message(a_message(act_url=f"{base}/a/x"))["inline_keyboard"]
    assert any("url" in button for row in rows for button in row) is has_link


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:1025", Server("127.0.0.1", 1025, False, False, None, None)),
        ("smtps://u%40x:p%3A@m.example", Server("m.example", 465, True, False, "u@x", "p:")),
        ("smtp+starttls://u:p@m.example", Server("m.example", 587, False, True, "u", "p")),
    ],
)
def test_where_the_mail_goes_is_a_url(url: str, expected: Server) -> None:
    assert server(url) == expected


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "smtp://x:99999"])
def test_a_url_that_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|[Pp]ort"):
        server(url)
