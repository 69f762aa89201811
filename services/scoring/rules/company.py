"""What the person said of their trade and place; a firm's own ideal customer goes in its file."""

from __future__ import annotations

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule

GAVE_COMPANY = ScoringRule(
    id="gave_company",
    group="fit",
    when=Condition(field="contact.company", op="exists"),
    points=5,
    text=Words(fa="نام شرکتش را گفت", en="named a company"),
)
GAVE_CITY = ScoringRule(
    id="gave_city",
    group="fit",
    when=Condition(field="contact.place", op="exists"),
    points=5,
    text=Words(fa="شهر یا محلش را گفت", en="said where they are"),
)
GAVE_BUDGET = ScoringRule(
    id="gave_budget",
    group="fit",
    when=Condition(field="contact.budget", op="exists"),
    points=10,
    text=Words(fa="بودجه‌اش را گفت", en="named a budget"),
)
