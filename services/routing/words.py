"""The sentences of routing, in both languages, as a salesperson would say them."""

from __future__ import annotations

from typing import Any, Final

from libs.common.events import Text
from libs.common.normal.text import persian

_NAMES: Final = {
    "stage": {
        "iql": Text("سرنخ اطلاعاتی", "an IQL"),
        "mql": Text("سرنخ واجد شرایط بازاریابی", "an MQL"),
        "sql": Text("سرنخ واجد شرایط فروش", "an SQL"),
        "pql": Text("سرنخ واجد شرایط محصول", "a PQL"),
        "service_qualified": Text("سرنخ واجد شرایط خدمات", "service-qualified"),
        "customer": Text("مشتری", "a customer"),
        "returning_customer": Text("مشتری بازگشته", "a returning customer"),
    },
    "temperature": {
        "cold": Text("سرنخ سرد", "a cold lead"),
        "warm": Text("سرنخ گرم", "a warm lead"),
        "hot": Text("سرنخ داغ", "a hot lead"),
    },
    "language": {
        "fa": Text("فارسی", "Persian"),
        "en": Text("انگلیسی", "English"),
        "ar": Text("عربی", "Arabic"),
        "tr": Text("ترکی", "Turkish"),
    },
}
_CLAUSES: Final = {
    "stage": Text("{} است", "it is {}"),
    "temperature": Text("{} است", "it is {}"),
    "language": Text("به {} نوشته است", "it was written in {}"),
    "source": Text("از منبع {} آمده", "it came from the source {}"),
    "kind": Text("از راه {} آمده", "it came as {}"),
    "page": Text("از صفحهٔ {} آمده", "it came from the page {}"),
    "company": Text("از شرکت {} است", "it is from the company {}"),
    "qr": Text("از کد QR با نام {} آمده", "it came by the QR code {}"),
}

NO_PAGE: Final = Text("معلوم نیست از کدام صفحه آمده", "it is not known which page it came from")
UNMAPPED_PAGE: Final = Text(
    "صفحه‌ای که از آن آمده به تیمی سپرده نشده", "the page it came from belongs to no team yet"
)
NOBODY: Final = Text("کس دیگری در دسترس نبود", "nobody else was available")
AWAY: Final = Text("در مرخصی است", "is on leave")
PAUSED: Final = Text("موقتاً کنار است", "is paused for now")
OFF_HOURS: Final = Text("بیرون از ساعت کاری‌اش است", "is outside their working hours")
HOLIDAY: Final = Text("امروز تعطیل است", "is off for the holiday")
SEAT_KEPT: Final = Text(
    "جای خالی‌اش برای سرنخی است که جلوتر در صف است",
    "has a seat only for a lead that is ahead in the queue",
)
PASSED: Final = Text("این سرنخ را پیش‌تر داشته و نگرفته", "had this lead before and did not take it")


def both(first: Text, second: Text) -> Text:
    """«first and second»."""
    return Text(f"{first.fa} و {second.fa}", f"{first.en}, and {second.en}")


def because(clause: Text) -> Text:
    """The clause as a sentence that gives a reason."""
    return Text(f"چون {clause.fa}", f"because {clause.en}")


def came_from(team: Text) -> Text:
    """Of a lead from one of a team's pages."""
    return Text(f"از صفحهٔ {team.fa} آمده", f"it came from the {team.en} page")


def condition(field: str, value: Any) -> Text:
    """One condition of a routing rule; several values are joined by «or»."""
    other = Text(f"{field} آن {{}} است", f"its {field} is {{}}")
    clause = _CLAUSES.get(field, other)
    names = [_name(field, one) for one in (value if isinstance(value, list | tuple) else [value])]
    return Text(
        clause.fa.format(" یا ".join(name.fa for name in names)),
        clause.en.format(" or ".join(name.en for name in names)),
    )


def _name(field: str, value: Any) -> Text:
    return _NAMES.get(field, {}).get(str(value)) or Text(f"«{value}»", str(value))


def was_theirs(name: str) -> Text:
    """Of somebody who comes back to the specialist they know."""
    return Text(f"پیش از این هم با {name} بوده", f"{name} looked after them before")


def turn_of(name: str) -> Text:
    """Weighted distribution."""
    return Text(f"نوبت {name} بود", f"it was {name}'s turn")


def fewest_open(name: str) -> Text:
    """Distribution by open leads."""
    return Text(f"{name} کمترین سرنخ باز را داشت", f"{name} had the fewest open leads")


def first_in_order(name: str) -> Text:
    """Distribution by the order of the list."""
    return Text(f"{name} نفر اولِ در دسترس فهرست بود", f"{name} was the first available on the list")


def chosen_by_staff() -> Text:
    """Reassignment by a human."""
    return Text("یکی از همکاران آن را جابه‌جا کرد", "a colleague moved it")


def declined_by(name: str) -> Text:
    """The one before said no."""
    return Text(f"{name} آن را نپذیرفت", f"{name} declined it")


def let_lapse(name: str) -> Text:
    """The one before did not answer in time."""
    return Text(f"{name} به‌موقع آن را نپذیرفت", f"{name} did not accept it in time")


def stood_in(route: Text, home: Text, other: Text, pick: Text) -> Text:
    """Nobody of the team that a lead belongs to can take it, so another does in its place."""
    return Text(
        f"{route.fa}، ولی تیم {home.fa} کسی را در دسترس نداشت و در {other.fa} که به جای آن است "
        f"{pick.fa}",
        f"{route.en}, but nobody of the {home.en} team could take it, and in {other.en}, "
        f"which stands in for it, {pick.en}",
    )


def longest_ago(name: str) -> Text:
    """Everybody who is here has passed on it."""
    return Text(
        f"همه یک بار آن را نگرفته‌اند و نوبت دوباره به {name} رسید",
        f"everybody has passed on it once, {name} longest ago",
    )


def kept_by(name: str, manager: str | None) -> Text:
    """Nobody else is there to take it."""
    told = (f" و به {manager} خبر داده شد", f", and {manager} is told") if manager else ("", "")
    return Text(
        f"نزد {name} می‌ماند، چون کس دیگری در دسترس نیست{told[0]}",
        f"Stays with {name}, because nobody else is available{told[1]}",
    )


NO_TAKER: Final = Text(
    "آن را نپذیرفته و کس دیگری در دسترس نیست",
    "they declined it and nobody else is available",
)


def full(count: int, most: int) -> Text:
    """At the limit of their open leads."""
    return Text(
        f"ظرفیتش پر است: {persian(count)} سرنخ باز از {persian(most)}",
        f"is full: {count} open leads of {most}",
    )


def had_enough_today(count: int) -> Text:
    """At the limit of a day."""
    return Text(
        f"سهم امروزش را گرفته: {persian(count)} سرنخ", f"has had today's share: {count} leads"
    )


def does_not_speak(language: str) -> Text:
    """Passed over for a colleague who speaks the lead's language."""
    name = _name("language", language)
    return Text(f"{name.fa} حرف نمی‌زند", f"does not speak {name.en}")


def given_to(name: str, why: Text) -> Text:
    """An assignment, on the timeline."""
    return Text(f"به {name} سپرده شد، {why.fa}", f"Given to {name}, {why.en}")


NOBODY_AT_WORK: Final = Text("اکنون کسی سر کار نیست", "nobody is at work now")
NOBODY_HERE: Final = Text(
    "همه در مرخصی‌اند یا موقتاً کنار گذاشته شده‌اند", "everybody is on leave or paused"
)
ALL_FULL: Final = Text("ظرفیت همه پر است", "everybody is full")
QUEUE_AHEAD: Final = Text("سرنخ‌های دیگری در صف جلوترند", "other leads are ahead in the queue")
SAME_PERSON: Final = Text(
    "هر دو سرنخ از یک نفر بود و دیگری نزد او بود",
    "both leads were one person's, and the other was theirs",
)
CLOSED_UNGIVEN: Final = Text(
    "پیش از سپردن به کسی بسته شد", "it was closed before anybody was given it"
)
HALF_OVER: Final = Text(
    "نیمی از مهلت پذیرش گذشته و هنوز پذیرفته نشده",
    "half of the time to accept it is over, and it is not accepted yet",
)


def took_it(name: str) -> Text:
    """A waiting lead that somebody took by their own hand."""
    return Text(f"{name} خودش آن را برداشت", f"{name} took it")


def waits(why: Text) -> Text:
    """A lead that waits, on the timeline."""
    return Text(f"در صف ماند، {why.fa}", f"Waits in the queue, {why.en}")


def waited(seconds: float) -> Text:
    """How long a lead has waited."""
    hours, rest = divmod(int(seconds // 60), 60)
    fa = [f"{persian(hours)} ساعت"] if hours else []
    en = [f"{hours} h"] if hours else []
    if rest:
        fa.append(f"{persian(rest)} دقیقه")
        en.append(f"{rest} min")
    if not fa:
        return Text("پس از کمتر از یک دقیقه انتظار", "after a wait of less than a minute")
    return Text(f"پس از {' و '.join(fa)} انتظار", f"after a wait of {' '.join(en)}")


def done_by(name: str | None) -> Text:
    """Who did something; None: somebody who is no specialist."""
    return Text(name, name) if name else Text("یکی از همکاران", "A colleague")
