"""How well the person can be reached, and whether the way that they left looks real."""

from __future__ import annotations

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule

GAVE_PHONE = ScoringRule(
    id="gave_phone",
    group="fit",
    when=Condition(field="contact.phone", op="exists"),
    points=10,
    text=Words(fa="شمارهٔ تماس گذاشت", en="left a phone number"),
)
MOBILE_PHONE = ScoringRule(
    id="mobile_phone",
    group="fit",
    when=(
        Condition(field="contact.phone_type", op="contains", value="mobile"),
        Condition(field="verified.phone_valid", op="is_not", value=False),
    ),
    points=5,
    text=Words(fa="شماره‌اش موبایل و درست است", en="the number is a valid mobile"),
)
UNCERTAIN_PHONE = ScoringRule(
    id="uncertain_phone",
    group="fit",
    when=(
        Condition(field="contact.phone", op="exists"),
        Condition(field="verified.phone_valid", op="is", value=False),
    ),
    points=-5,
    text=Words(fa="شاید شماره را اشتباه نوشته باشد", en="the number may be mistyped"),
)
GAVE_NAME = ScoringRule(
    id="gave_name",
    group="fit",
    when=Condition(field="contact.name", op="exists"),
    points=5,
    text=Words(fa="نامش را گفت", en="gave a name"),
)
GAVE_EMAIL = ScoringRule(
    id="gave_email",
    group="fit",
    when=Condition(field="contact.email", op="exists"),
    points=5,
    text=Words(fa="ایمیل گذاشت", en="left an e-mail address"),
)
BUSINESS_EMAIL = ScoringRule(
    id="business_email",
    group="fit",
    when=(
        Condition(field="contact.email", op="exists"),
        Condition(field="verified.email_free", op="is_not", value=True),
        Condition(field="verified.email_disposable", op="is_not", value=True),
    ),
    points=10,
    text=Words(fa="ایمیل سازمانی دارد", en="the e-mail is of a company"),
)
DISPOSABLE_EMAIL = ScoringRule(
    id="disposable_email",
    group="fit",
    when=Condition(field="verified.email_disposable", op="is", value=True),
    points=-20,
    text=Words(fa="ایمیلش یک‌بارمصرف است", en="the e-mail is a throw-away address"),
)
BOT_SIGNS = ScoringRule(
    id="bot_signs",
    group="fit",
    when=Condition(field="verified.signs", op="exists"),
    points=-10,
    text=Words(
        fa="نشانه‌های ربات داشت و همکاران تأییدش کردند",
        en="looked like a robot until staff released it",
    ),
)
