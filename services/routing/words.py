"""The sentences of routing, in both languages, as a salesperson would say them."""

from __future__ import annotations

from typing import Any, Final

from libs.common.events import Text

_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_STAGES: Final = {
    "iql": Text("سرنخ اطلاعاتی است", "it is an IQL"),
    "mql": Text("سرنخ واجد شرایط بازاریابی است", "it is an MQL"),
    "sql": Text("سرنخ واجد شرایط فروش است", "it is an SQL"),
    "pql": Text("سرنخ واجد شرایط محصول است", "it is a PQL"),
    "service_qualified": Text("سرنخ واجد شرایط خدمات است", "it is service-qualified"),
    "customer": Text("مشتری ماست", "they are a customer"),
    "returning_customer": Text("مشتری بازگشته است", "they are a returning customer"),
}
_TEMPERATURES: Final = {
    "cold": Text("سرنخ سرد است", "it is a cold lead"),
    "warm": Text("سرنخ گرم است", "it is a warm lead"),
    "hot": Text("سرنخ داغ است", "it is a hot lead"),
}
_LANGUAGES: Final = {
    "fa": Text("به فارسی نوشته است", "it was written in Persian"),
    "en": Text("به انگلیسی نوشته است", "it was written in English"),
    "ar": Text("به عربی نوشته است", "it was written in Arabic"),
}
_KNOWN: Final = {"stage": _STAGES, "temperature": _TEMPERATURES, "language": _LANGUAGES}

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
    """One condition of a routing rule."""
    known = _KNOWN.get(field, {}).get(str(value))
    if known:
        return known
    shown = "، ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return Text(f"{field} آن «{shown}» است", f"its {field} is {shown}")


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


def full(count: int) -> Text:
    """Over their capacity."""
    return Text(f"{persian(count)} سرنخ باز دارد", f"already has {count} open leads")


def does_not_speak(language: str) -> Text:
    """Passed over for a colleague who speaks the lead's language."""
    names = {"fa": ("فارسی", "Persian"), "en": ("انگلیسی", "English"), "ar": ("عربی", "Arabic")}
    fa, en = names.get(language, (language, language))
    return Text(f"{fa} حرف نمی‌زند", f"does not speak {en}")


def given_to(name: str, why: Text) -> Text:
    """An assignment, on the timeline."""
    return Text(f"به {name} سپرده شد، {why.fa}", f"Given to {name}, {why.en}")
