"""Which way the person came, and whether they came by themselves and came again."""

from __future__ import annotations

from libs.common.configuration.codes import KIOSK
from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule

PAID_CLICK = ScoringRule(
    id="paid_click",
    group="engagement",
    when=Condition(field="attribution.channel", op="is", value="paid"),
    points=5,
    half_life="14d",
    text=Words(fa="روی تبلیغ کلیک کرد", en="clicked an advertisement"),
)
FOUND_IN_SEARCH = ScoringRule(
    id="found_in_search",
    group="engagement",
    when=Condition(field="attribution.channel", op="is", value="organic"),
    points=5,
    half_life="14d",
    text=Words(fa="خودش در جست‌وجو پیدایمان کرد", en="found us in a search"),
)
REFERRED = ScoringRule(
    id="referred",
    group="engagement",
    when=Condition(field="attribution.channel", op="is", value="referral"),
    points=5,
    half_life="14d",
    text=Words(fa="سایت دیگری معرفی‌مان کرد", en="was sent by another site"),
)
SCANNED_QR = ScoringRule(
    id="scanned_qr",
    group="engagement",
    when=(
        Condition(field="attribution.qr", op="exists"),
        # A tablet stands beside the code: nobody scanned it there.
        Condition(field="attribution.utm.medium", op="is_not", value=KIOSK),
    ),
    points=5,
    half_life="14d",
    text=Words(fa="کد QR را اسکن کرد", en="scanned a QR code"),
)
FROM_LIST = ScoringRule(
    id="from_list",
    group="engagement",
    when=Condition(field="touch.temperature", op="is", value="cold"),
    points=-20,
    text=Words(
        fa="از یک فهرست آمده و خودش چیزی نخواسته",
        en="came from a list and asked for nothing",
    ),
)
CAME_BACK = ScoringRule(
    id="came_back",
    group="engagement",
    when=(
        Condition(field="touch.kind", op="exists"),
        Condition(field="touch.kind", op="is_not", value="import"),
        Condition(field="person.touch_count", op="at_least", value=2),
    ),
    points=10,
    half_life="14d",
    text=Words(fa="دوباره سراغمان آمد", en="came back to us"),
)
