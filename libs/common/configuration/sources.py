"""What a source of a kind needs, and what becomes of its leads without that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from libs.common.configuration import known, values
from libs.common.configuration.problems import Path
from libs.common.configuration.replies import LONGEST, Sentences
from libs.common.configuration.schema import Configuration, Source
from libs.common.normal.text import persian

Found = Iterator[tuple[Path, str, str]]

_ACCOUNTS: Final = {
    "linkedin": (
        re.compile(r"urn:li:(sponsoredAccount|organization):[0-9]{1,32}"),
        "urn:li:sponsoredAccount:…",
    ),
    "calendly": (
        re.compile(r"https?://\S+/(organizations|users)/\S+"),
        "https://…/organizations/…",
    ),
    "meta": (re.compile(r"[0-9]{1,32}"), "108724591836027"),
}
"""How an account is named whose list is compared, and how that looks."""


def errors(configuration: Configuration) -> Found:
    """What would refuse or hold every lead of a source."""
    for place, source in enumerate(configuration.sources):
        yield from _errors(source, ("sources", place))


def _errors(source: Source, path: Path) -> Found:
    yield from _answering(source, (*path, "auto_reply"))
    yield from _account(source, (*path, "account"))
    if source.kind in known.SIGNED and not any(source.secret or ()):
        yield (
            (*path, "secret"),
            "لازم است: بدون آن فرستنده شناخته نمی‌شود",
            "is required: without it the sender cannot prove itself",
        )
    elif source.secret and not any(source.secret):
        yield (
            (*path, "secret"),
            "خالی است و همهٔ فراخوان‌ها رد می‌شدند",
            "is empty, so that every call would be refused",
        )
    yield from _last_day(source, path)
    if source.forms is None or source.kind not in known.KINDS:
        return
    if source.kind not in known.FORMED:
        yield (
            (*path, "forms"),
            "سرنخ‌های این نوع منبع نمی‌گویند از کدام فرم‌اند؛ همه نگه داشته می‌شدند",
            "leads of this kind do not say of which form they are; all would be held",
        )
    elif not source.forms:
        yield (
            (*path, "forms"),
            "خالی است و همهٔ سرنخ‌ها نگه داشته می‌شدند",
            "is empty, so that every lead would be held",
        )


def _last_day(source: Source, path: Path) -> Found:
    if source.token_expires is None:
        return
    try:
        values.day(source.token_expires)
    except ValueError:
        yield (
            (*path, "token_expires"),
            "روز درستی نیست (2027-01-15 یا 1405-10-25)",
            "is no day (2027-01-15 or 1405-10-25)",
        )
    if not source.access_token:
        yield (
            (*path, "token_expires"),
            "access_token نیامده که این آخرین روزش باشد",
            "there is no access_token whose last day this could be",
        )


def _account(source: Source, path: Path) -> Found:
    """A list that nobody could be asked for."""
    shape, like = _ACCOUNTS.get(source.kind, (None, ""))
    if source.account and shape and not shape.fullmatch(source.account):
        yield path, f"باید مثل {like} باشد", f"must be written as {like}"


def _comparing(source: Source, path: Path) -> Found:
    """What is set and cannot compare anything with the platform's list, or lacks one thing."""
    listed = source.kind in known.LISTED
    if source.account and not listed:
        yield (
            (*path, "account"),
            "اثری ندارد؛ فهرست این نوع منبع خوانده نمی‌شود",
            "has no effect: the list of this kind is not read",
        )
    needs = known.LISTED_BY.get(source.kind, "")
    asked = listed and source.access_token and source.reconcile != "off"
    if asked and needs and not getattr(source, needs):
        yield (
            (*path, needs),
            "نیست؛ آنچه رسیده با فهرست سکو سنجیده نمی‌شود (یا reconcile: off بنویسید)",
            "is not set: what came is not compared with the platform's list (or: reconcile: off)",
        )


def _ending(source: Source, path: Path) -> Found:
    """A token whose end nobody is told of, and what does not help that."""
    by = known.INTROSPECTED_BY.get(source.kind)
    if source.client_id and by != "client_id":
        yield (
            (*path, "client_id"),
            "اثری ندارد؛ این نوع منبع به آن نیازی ندارد",
            "has no effect: this kind does not need it",
        )
    ends = source.kind in known.SHORT_LIVED and source.access_token
    if ends and not source.token_expires and not (by and getattr(source, by)):
        yield (
            (*path, "token_expires"),
            "نیست، client_id هم نیست؛ رمز این سکو دو ماه کار می‌کند و پایانش پیشاپیش گفته نمی‌شود",
            "is not set, nor is client_id: tokens live two months, and no end is told of in time",
        )


def _answering(source: Source, path: Path) -> Found:
    """What would be said to nobody, or by anybody: unproven calls make a bot write to nobody."""
    reply = source.auto_reply
    if reply is None or source.kind not in known.KINDS:
        return
    if source.kind not in known.ANSWERED:
        kinds = ", ".join(sorted(known.ANSWERED))
        yield (
            path,
            f"این نوع منبع نمی‌تواند خودکار پاسخ بدهد ({kinds})",
            f"cannot be given by this kind of source ({kinds})",
        )
    elif not source.secret:
        yield (
            path,
            "به secret نیاز دارد؛ وگرنه هر که نشانی را بداند ربات را به پیام‌دادن وامی‌دارد",
            "needs a secret: else whoever knows the address can make it write to people",
        )
    yield from _sayable(reply, path)
    if reply.outside_hours is not None:
        yield from _sayable(reply.outside_hours, (*path, "outside_hours"))


def _sayable(sentences: Sentences, path: Path) -> Found:
    said = {"fa": sentences.fa, "en": sentences.en}
    if not any(text and text.strip() for text in said.values()):
        yield path, "دست‌کم یک جمله در fa یا en می‌خواهد", "needs a sentence in fa or en"
    for language, text in said.items():
        if text and len(text.encode("utf-8", "replace")) > LONGEST:
            yield (
                (*path, language),
                f"بلندتر از {persian(LONGEST)} بایت است (حدود ۵۰۰ حرف فارسی)",
                f"is longer than {LONGEST} bytes",
            )


def warnings(configuration: Configuration) -> Found:
    """What works, but proves or brings less than it could."""
    for place, source in enumerate(configuration.sources):
        path: Path = ("sources", place)
        if source.kind not in known.KINDS:
            continue
        if not source.secret and source.kind not in known.SIGNED:
            yield (
                (*path, "secret"),
                "نیست؛ هر که نشانی را بداند می‌تواند به نام این منبع سرنخ بفرستد",
                "is not set: whoever knows the address can send leads in this source's name",
            )
        if source.kind in known.FETCHED and not source.access_token:
            yield (
                (*path, "access_token"),
                "نیست؛ محتوای سرنخ‌ها از پلتفرم گرفته نمی‌شود و منتظر می‌مانند",
                "is not set: the leads' content cannot be fetched, and they wait",
            )
        yield from _ending(source, path)
        if source.kind in known.ANSWERED and source.auto_reply and not source.access_token:
            yield (
                (*path, "auto_reply"),
                "بدون access_token فرستاده نمی‌شود",
                "is not sent without an access_token",
            )
        yield from _comparing(source, path)
        if source.kind in known.GREETED and not source.verify_token:
            yield (
                (*path, "verify_token"),
                "نیست؛ پلتفرم نمی‌تواند نشانی وب‌هوک را تأیید کند",
                "is not set: the platform cannot verify the webhook's address",
            )
