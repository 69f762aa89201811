"""Rules of one's own and facts, as hypothesis makes them up."""

from __future__ import annotations

from hypothesis import strategies as st

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule
from services.scoring.rules import RULES
from tests.unit.scoring.facts import activity, submission

WORDS = Words(fa="صفحهٔ قیمت را دید", en="looked at prices")


def own_rule(**more: object) -> ScoringRule:
    """A rule about pages with prices, but for what is said of it."""
    when = Condition(field="activity.page", op="matches", value="nil.example/pricing*")
    values = {"id": "pricing", "group": "engagement", "when": when, "points": 10, "text": WORDS}
    return ScoringRule.model_validate(values | more)


CONDITIONS = st.sampled_from(
    [rule.when for rule in RULES] + [Condition(field="touch.kind", op="exists")]
)
OWN_RULES = st.lists(
    st.builds(
        own_rule,
        id=st.from_regex(r"[a-z]{1,6}", fullmatch=True),
        group=st.sampled_from(["fit", "engagement"]),
        when=CONDITIONS,
        points=st.integers(-100, 100),
        once=st.booleans(),
        half_life=st.sampled_from([None, "1m", "1d", "14d"]),
        most=st.one_of(st.none(), st.integers(1, 200)),
    ),
    max_size=5,
)
FACTS = st.lists(
    st.one_of(
        st.builds(
            submission,
            st.sampled_from([None, "قیمت؟", "demo please", "سلام"]),
            kind=st.sampled_from(["form", "chat", "import", "call", "qr"]),
            page=st.sampled_from([None, "nil.example/services/seo", "nil.example/pricing"]),
            minute=st.integers(0, 5),
            contact=st.dictionaries(
                st.sampled_from(["name", "phone", "email", "company"]), st.just("x")
            ),
            verified=st.dictionaries(
                st.sampled_from(["email_free", "email_disposable"]), st.booleans()
            ),
        ),
        st.builds(
            activity,
            st.sampled_from(["page_view", "download", "staff.won", "staff.lost", "product_value"]),
            minute=st.integers(0, 5),
            page=st.sampled_from([None, "nil.example/pricing/a"]),
        ),
    ),
    max_size=12,
)
