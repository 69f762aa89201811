"""Which page goes to which team, and which pages go nowhere: pure, by the patterns of routing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from libs.common.configuration import Configuration
from libs.common.configuration.schema import Rule
from libs.common.events import Text
from libs.common.normal.page import PagePatterns, normal_page
from libs.common.normal.text import persian
from services.desk import words
from services.desk.store.pages import PageCount

_FIELDS: Final = {
    "stage": Text("مرحله", "stage"),
    "temperature": Text("دما", "temperature"),
    "language": Text("زبان", "language"),
    "source": Text("منبع", "source"),
    "kind": Text("راه", "kind"),
    "page": Text("صفحه", "page"),
    "company": Text("شرکت", "company"),
    "qr": Text("کد QR", "QR code"),
}
_VALUES: Final[Mapping[str, Mapping[str, Text]]] = {
    "stage": words.STAGES,
    "temperature": words.TEMPERATURES,
    "kind": words.KINDS,
}


class Flow(NamedTuple):
    """A pattern, its team, and the leads that came by it, page by page (most first)."""

    pattern: str
    team: str
    leads: int
    pages: tuple[tuple[str, int], ...]


class Unmapped(NamedTuple):
    """A page that no pattern speaks for, and the line that would."""

    page: str
    leads: int
    line: str


class PageMap(NamedTuple):
    """Where the leads of a time came from and went."""

    flows: tuple[Flow, ...]
    unmapped: tuple[Unmapped, ...]
    no_page: int

    @property
    def mapped(self) -> int:
        """Leads whose page has a pattern."""
        return sum(flow.leads for flow in self.flows)

    @property
    def astray(self) -> int:
        """Leads whose page has none."""
        return sum(page.leads for page in self.unmapped)

    @property
    def coverage(self) -> float | None:
        """The share of leads with a page whose page is mapped; None while there are none."""
        known = self.mapped + self.astray
        return self.mapped / known if known else None


class Destination(NamedTuple):
    """Where a lead of one page would go."""

    page: str
    team: str
    pattern: str | None
    why: Text
    unless: tuple[Text, ...] = ()
    """Rules before the pages that would decide otherwise, if what they ask for holds."""


def page_map(content: Configuration, counts: Iterable[PageCount]) -> PageMap:
    """The map of these counts under the patterns of `content`, in the file's order."""
    pages = content.routing.pages
    patterns = PagePatterns(page.pattern for page in pages)
    by_pattern: dict[str, Counter[str]] = defaultdict(Counter)
    astray: dict[str, Counter[str | None]] = defaultdict(Counter)
    no_page = 0
    for count in counts:
        if count.page is None:
            no_page += count.leads
        elif (pattern := patterns.match(count.page)) is not None:
            by_pattern[pattern][count.page] += count.leads
        else:
            astray[count.page][count.team] += count.leads
    teams = {page.pattern: page.team for page in reversed(pages)}
    flows = [
        Flow(page, teams[page], found.total(), tuple(found.most_common()))
        for page in dict.fromkeys(one.pattern for one in pages)
        for found in (by_pattern[page],)
    ]
    lost = [_unmapped(content, page, teams) for page, teams in astray.items()]
    return PageMap(
        flows=tuple(sorted(flows, key=lambda flow: -flow.leads)),
        unmapped=tuple(sorted(lost, key=lambda page: (-page.leads, page.page))),
        no_page=no_page,
    )


def _unmapped(content: Configuration, page: str, teams: Counter[str | None]) -> Unmapped:
    """The team that staff have moved most of its leads to is the one that the line proposes."""
    known = {team.key for team in content.teams}
    fallback = content.routing.fallback
    moved = [team for team, _n in teams.most_common() if team in known and team != fallback]
    quoted = page.replace("\\", "\\\\").replace('"', '\\"')
    line = f'- {{pattern: "{quoted}/*", team: {(moved or [fallback])[0]}}}'
    return Unmapped(page, teams.total(), line)


def destination(content: Configuration, url: str) -> Destination | None:
    """Where a lead of this page would go, and why; None for what is no page."""
    page = normal_page(url)
    if page is None:
        return None
    unless: list[Text] = []
    for number, rule in enumerate(content.routing.rules, 1):
        others = {field: wanted for field, wanted in rule.when.items() if field != "page"}
        if "page" in rule.when and not _is_of(page, rule.when["page"]):
            continue
        if others or not rule.team:
            unless.append(_unless(content, number, rule, others))
        else:
            why = Text(
                f"قاعدهٔ شمارهٔ {persian(number)} پیش از صفحه‌ها همین را می‌گوید",
                f"rule {number}, which comes before the pages, says so",
            )
            return Destination(page, rule.team, None, why, tuple(unless))
    return _by_pattern(content, page, tuple(unless))


def _by_pattern(content: Configuration, page: str, unless: tuple[Text, ...]) -> Destination:
    pages = content.routing.pages
    pattern = PagePatterns(one.pattern for one in pages).match(page)
    if pattern is None:
        why = Text(
            "هیچ الگویی این صفحه را نمی‌شناسد؛ به تیم پیش‌فرض می‌رسد",
            "no pattern knows this page, so the fallback team gets it",
        )
        return Destination(page, content.routing.fallback, None, why, unless)
    team = next(one.team for one in pages if one.pattern == pattern)
    others = sum(1 for one in pages if PagePatterns([one.pattern]).match(page)) - 1
    why = Text("این الگو با صفحه می‌خواند", "this pattern matches the page")
    if others:
        why = Text(
            f"از {persian(others + 1)} الگویی که با صفحه می‌خوانند، این دقیق‌تر است",
            f"of the {others + 1} patterns that match, this is the most exact",
        )
    return Destination(page, team, pattern, why, unless)


def _is_of(page: str, wanted: object) -> bool:
    several: Sequence[object] = wanted if isinstance(wanted, list | tuple) else (wanted,)
    return PagePatterns(str(one) for one in several).match(page) is not None


def _unless(content: Configuration, number: int, rule: Rule, others: Mapping[str, object]) -> Text:
    names = {team.key: team.name for team in content.teams}
    clauses = [clause for field, wanted in others.items() for clause in _clause(field, wanted)]
    fa = " و ".join(clause.fa for clause in clauses)
    en = " and ".join(clause.en for clause in clauses)
    if rule.team is None:
        to = Text("کارشناس پیشین نگهش می‌دارد", "whoever had it before keeps it")
    else:
        name = names.get(rule.team)
        to = Text(
            f"به تیم {name.fa if name else rule.team} می‌رود",
            f"it goes to {name.en if name else rule.team}",
        )
    at = persian(number)
    if not clauses:
        return Text(f"قاعدهٔ {at}: {to.fa}", f"rule {number}: {to.en}")
    return Text(f"قاعدهٔ {at}: اگر {fa}، {to.fa}", f"rule {number}: if {en}, {to.en}")


def _clause(field: str, wanted: object) -> Iterator[Text]:
    several: Sequence[object] = wanted if isinstance(wanted, list | tuple) else (wanted,)
    name = _FIELDS.get(field, Text(field, field))
    said = [_VALUES.get(field, {}).get(str(one), Text(str(one), str(one))) for one in several]
    fa, en = " یا ".join(one.fa for one in said), " or ".join(one.en for one in said)
    yield Text(f"{name.fa} «{fa}» باشد", f"{name.en} is “{en}”")
