"""What somebody does while still learning: pages, downloads, webinars, mails, wish lists."""

from __future__ import annotations

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule

SAW_PAGES = ScoringRule(
    id="saw_pages",
    group="engagement",
    when=Condition(field="activity.type", op="is", value="page_view"),
    points=1,
    half_life="7d",
    once=False,
    most=10,
    text=Words(fa="صفحه‌های سایت را دید", en="looked at pages of the site"),
)
DOWNLOADED = ScoringRule(
    id="downloaded",
    group="engagement",
    when=Condition(field="activity.type", op="is", value="download"),
    points=5,
    half_life="14d",
    text=Words(fa="فایلی دانلود کرد", en="downloaded something"),
)
WEBINAR = ScoringRule(
    id="webinar",
    group="engagement",
    when=Condition(field="activity.type", op="matches", value=["webinar*", "event_sign_up"]),
    points=10,
    half_life="30d",
    text=Words(fa="در وبینار یا رویداد شرکت کرد", en="took part in a webinar or event"),
)
OPENED_MAIL = ScoringRule(
    id="opened_mail",
    group="engagement",
    when=Condition(field="activity.type", op="in", value=["email_open", "email_click"]),
    points=5,
    half_life="14d",
    text=Words(fa="ایمیل ما را باز کرد", en="opened one of our mails"),
)
WISH_LIST = ScoringRule(
    id="wish_list",
    group="engagement",
    when=Condition(
        field="activity.type", op="in", value=["wish_list", "wishlist", "cart_abandoned"]
    ),
    points=10,
    half_life="14d",
    text=Words(
        fa="کالایی را نشان کرد یا در سبد گذاشت", en="put something on a wish list or in a cart"
    ),
)
