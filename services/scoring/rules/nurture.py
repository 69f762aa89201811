"""What somebody does while still learning: downloads, webinars, mails, wish lists."""

from __future__ import annotations

from libs.common.configuration.schema import Condition, ScoringRule, Words

DOWNLOADED = ScoringRule(
    id="downloaded",
    group="engagement",
    when=Condition(field="activity.type", op="is", value="download"),
    points=5,
    text=Words(fa="فایلی دانلود کرد", en="downloaded something"),
)
WEBINAR = ScoringRule(
    id="webinar",
    group="engagement",
    when=Condition(field="activity.type", op="matches", value=["webinar*", "event_sign_up"]),
    points=10,
    text=Words(fa="در وبینار یا رویداد شرکت کرد", en="took part in a webinar or event"),
)
OPENED_MAIL = ScoringRule(
    id="opened_mail",
    group="engagement",
    when=Condition(field="activity.type", op="in", value=["email_open", "email_click"]),
    points=5,
    text=Words(fa="ایمیل ما را باز کرد", en="opened one of our mails"),
)
WISH_LIST = ScoringRule(
    id="wish_list",
    group="engagement",
    when=Condition(
        field="activity.type", op="in", value=["wish_list", "wishlist", "cart_abandoned"]
    ),
    points=10,
    text=Words(
        fa="کالایی را نشان کرد یا در سبد گذاشت", en="put something on a wish list or in a cart"
    ),
)
