"""Why somebody is at a stage, as a salesperson would say it, in both languages."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text
from libs.common.normal.text import persian

BOUGHT: Final = Text(fa="خرید کرده است", en="has bought from us")
GOT_VALUE: Final = Text(
    fa="از نسخهٔ آزمایشی نتیجه گرفته است", en="has used the trial and got value from it"
)
QUALIFIED_BY_STAFF: Final = Text(
    fa="کارشناس فروش او را آمادهٔ خرید دید", en="a specialist found them ready to buy"
)
CUSTOMER_ELSEWHERE: Final = Text(
    fa="مشتری است و حالا از صفحهٔ دیگری سراغمان آمد",
    en="is a customer and now came to us from another page",
)
FROM_AD: Final = Text(
    fa="روی تبلیغ کلیک کرد و اطلاعاتش را گذاشت", en="clicked an advertisement and left a contact"
)
READ_SECTION: Final = Text(
    fa="چند صفحه از یک موضوع را خواند", en="read several pages on one subject"
)
ONLY_INTERESTED: Final = Text(
    fa="راه تماس گذاشته، ولی هنوز چیزی نخواسته", en="left a contact and has asked for nothing yet"
)
KNOWN_BY_NAME: Final = Text(
    fa="راه تماسی از او نداریم و هنوز چیزی نخواسته",
    en="left no way to reach them and has asked for nothing yet",
)

_ASKED: Final = {
    "price": Text(fa="قیمت خواست", en="asked for a price"),
    "demo": Text(fa="دمو خواست", en="asked for a demo"),
    "call": Text(fa="تماس یا مشاوره خواست", en="asked for a call or advice"),
}
_WHERE: Final = {
    "form": Text(fa="در فرم سایت", en="in a form of the site"),
    "chat": Text(fa="در گفت‌وگو", en="in a chat"),
    "qr": Text(fa="پس از اسکن کد QR", en="after scanning a QR code"),
    "walk_in": Text(fa="حضوری", en="in person"),
}
_DID: Final = {
    "newsletter": Text(fa="خبرنامه را خواست", en="signed up for the newsletter"),
    "webinar": Text(fa="در وبینار شرکت کرد", en="took part in a webinar"),
    "trial": Text(fa="نسخهٔ آزمایشی را گرفت", en="took the trial"),
    "wish": Text(fa="کالایی را نشان کرد", en="put something on a wish list"),
    "cart": Text(fa="سبد خریدش را نیمه‌کاره گذاشت", en="left a cart unfinished"),
    "email": Text(fa="ایمیل‌های ما را می‌خواند", en="reads our mails"),
    "comment": Text(fa="نظر گذاشت", en="left a comment"),
    "direct": Text(fa="پیام مستقیم داد", en="sent a direct message"),
}


def asked(what: str, kind: str) -> Text:
    """They asked for it themselves, and where."""
    said = _ASKED[what]
    if kind == "call":
        return Text(fa="خودش زنگ زد", en="phoned us")
    where = _WHERE.get(kind)
    if where is None:
        return said
    return Text(fa=f"{where.fa} {said.fa}", en=f"{said.en} {where.en}")


def customer_asked(asked_for: Text) -> Text:
    """A customer with a new request."""
    return Text(fa=f"مشتری است و دوباره {asked_for.fa}", en=f"is a customer and {asked_for.en}")


def bought_again(times: int) -> Text:
    """A customer who came back, and how often they bought."""
    return Text(fa=f"{persian(times)} بار خرید کرده است", en=f"has bought {times} times")


def reached(total: int, bound: int) -> Text:
    """Enough points."""
    return Text(
        fa=f"امتیازش به {persian(total)} رسید (مرز: {persian(bound)})",
        en=f"the score reached {total} (needed: {bound})",
    )


def did(kind: str) -> Text:
    """What shows that they are engaged; `kind` is an activity's type."""
    return _DID[kind.replace(".", "_").replace("wishlist", "wish_list").split("_")[0]]


def after_loss(reason: Text) -> Text:
    """Back to nurturing: the last lead was lost and nothing has been asked for since."""
    return Text(
        fa=f"فروش قبلی به نتیجه نرسید و دوباره باید پرورش یابد؛ {reason.fa}",
        en=f"the last sale was lost and they need nurturing again; {reason.en}",
    )
