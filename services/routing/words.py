"""The sentences of routing, in both languages, as a salesperson would say them."""

from __future__ import annotations

from typing import Any, Final

from libs.common.events import Text

_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
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
ALL_FULL: Final = Text("سر همه شلوغ بود", "everybody was at their limit")
AWAY: Final = Text("در مرخصی است", "is on leave")
PASSED: Final = Text("این سرنخ را پیش‌تر داشته و نگرفته", "had this lead before and did not take it")


def persian(value: object) -> str:
    """The value with Persian digits."""
    return str(value).translate(_PERSIAN_DIGITS)


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
    "چون کارشناسش نپذیرفت و کس دیگری در دسترس نیست",
    "because its specialist declined it and nobody else is available",
)


def full(count: int) -> Text:
    """Over their capacity."""
    return Text(f"{persian(count)} سرنخ باز دارد", f"already has {count} open leads")


def does_not_speak(language: str) -> Text:
    """Passed over for a colleague who speaks the lead's language."""
    name = _name("language", language)
    return Text(f"{name.fa} حرف نمی‌زند", f"does not speak {name.en}")


def given_to(name: str, why: Text) -> Text:
    """An assignment, on the timeline."""
    return Text(f"به {name} سپرده شد، {why.fa}", f"Given to {name}, {why.en}")
