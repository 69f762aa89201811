"""What the product itself tells, and what a specialist found out by speaking to them."""

from __future__ import annotations

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule

STARTED_TRIAL = ScoringRule(
    id="started_trial",
    group="engagement",
    when=Condition(
        field="activity.type", op="in", value=["trial_start", "trial_started", "trial.started"]
    ),
    points=15,
    half_life="30d",
    text=Words(fa="نسخهٔ آزمایشی را شروع کرد", en="started a trial"),
)
GOT_VALUE = ScoringRule(
    id="got_value",
    group="engagement",
    when=Condition(
        field="activity.type",
        op="in",
        value=["trial.activated", "trial_activated", "product_value", "product.value"],
    ),
    points=30,
    half_life="60d",
    text=Words(fa="از نسخهٔ آزمایشی نتیجه گرفت", en="got value from the trial"),
)
QUALIFIED_BY_STAFF = ScoringRule(
    id="qualified_by_staff",
    group="engagement",
    when=Condition(field="activity.type", op="is", value="staff.qualified"),
    points=20,
    half_life="60d",
    text=Words(fa="کارشناس فروش او را آمادهٔ خرید دید", en="a specialist found them ready to buy"),
)
