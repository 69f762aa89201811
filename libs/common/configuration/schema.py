"""The configuration file's schema: one frozen model, the same names as in the YAML."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from libs.common.configuration.parts import Key, Named, Part
from libs.common.configuration.replies import Answered
from libs.common.configuration.scoring import Scoring

HOURS: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$"
COUNTRY: Final = r"^[A-Z]{2}$"
RATE: Final = r"^(off|[0-9]{1,9}/(s|min|h))$"
EVERY: Final = r"^(off|[1-9][0-9]{0,5}(s|m|h|d))$"

Weekday = Literal["sat", "sun", "mon", "tue", "wed", "thu", "fri"]
Day = date | str
"""Gregorian, or a Jalali day as text; checked in `load`."""


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


Many = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _off(value: Any) -> Any:
    """YAML's other words for off; what is neither is left to the pattern."""
    if isinstance(value, str | bool) and str(value).lower() in _OFF:
        return "off"
    return str(value) if isinstance(value, bool) else value


_OFF: Final = frozenset(("off", "no", "false"))
Every = Annotated[str, BeforeValidator(_off), Field(pattern=EVERY)]


Hours = Annotated[str, Field(pattern=HOURS)]


class Week(Part):
    """Working hours by weekday; a day that is absent is off."""

    time_zone: str | None = None
    sat: tuple[Hours, ...] = ()
    sun: tuple[Hours, ...] = ()
    mon: tuple[Hours, ...] = ()
    tue: tuple[Hours, ...] = ()
    wed: tuple[Hours, ...] = ()
    thu: tuple[Hours, ...] = ()
    fri: tuple[Hours, ...] = ()


class Organisation(Part):
    """The firm: its name, zone, default country of phones, languages and working time."""

    name: str = "Sarnakh"
    time_zone: str = "Asia/Tehran"
    country: Annotated[str, Field(pattern=COUNTRY)] = "IR"
    languages: tuple[Literal["fa", "en"], ...] = ("fa", "en")
    working_week: Week | None = None
    holidays: tuple[Day, ...] = ()


class Form(Part):
    """A form of a site: `fields` maps ours to theirs."""

    key: Key
    thank_you: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    required: Literal["any_contact"] | tuple[str, ...] = "any_contact"
    honeypot: str | None = None
    elapsed: str | None = None
    region: str | None = None
    page: str | None = None


class Site(Part):
    """A web site whose pages carry forms."""

    key: Key
    hosts: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()


class Source(Part):
    """A webhook: `/v1/webhooks/{kind}/{key}`."""

    key: Key
    kind: str
    secret: Many | None = None
    verify_token: str | None = None
    access_token: str | None = None
    client_id: str | None = None
    account: str | None = None
    reconcile: Every = "1h"
    token_expires: Day | None = None
    api_url: str | None = None
    api_version: str | None = None
    page: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    forms: tuple[str, ...] | None = None
    region: str | None = None
    auto_reply: Answered = None


class ApiKey(Part):
    """Who may post to /v1/leads."""

    key: Key
    token: str


class Qr(Part):
    """A QR code and where it leads."""

    code: Key
    target: str
    label: str | None = None
    campaign: str | None = None
    booth: str | None = None


class Capacity(Part):
    """The most leads at a time, and the most a day."""

    open: int | None = Field(default=None, ge=0)
    per_day: int | None = Field(default=None, ge=0)


class Away(Part):
    """Days of absence, both included."""

    since: Day = Field(alias="from")
    until: Day = Field(alias="to")


class Route(Part):
    """A channel to a person: which, and their address on it."""

    channel: str
    to: str | None = None


class Specialist(Part):
    """Who calls."""

    key: Key
    name: str
    languages: tuple[str, ...] = ()
    weight: Annotated[float, Field(gt=0)] = 1
    capacity: Capacity = Capacity()
    hours: Literal["organisation"] | Week = "organisation"
    away: tuple[Away, ...] = ()
    notify: tuple[Route, ...] = (Route(channel="console"),)


class Team(Part):
    """Specialists who share the leads of some pages."""

    key: Key
    name: Named
    strategy: Literal["weighted", "least_open", "in_order"] = "weighted"
    manager: str | None = None
    specialists: tuple[Specialist, ...] = Field(min_length=1)


class Rule(Part):
    """A routing rule: all of `when` must hold; then a team, or the owner is kept."""

    when: dict[str, Any] = Field(default_factory=dict)
    team: str | None = None
    owner: Literal["keep"] | None = None


class Page(Part):
    """A page pattern (`…/*`: the page itself and all below it) and its team."""

    pattern: str
    team: str


class Sla(Part):
    """How soon a lead is to be accepted, and what then."""

    accept_within: str
    working_hours: bool = True
    hops: int = Field(default=2, ge=0)
    then: Literal["manager"] = "manager"


class Routing(Part):
    """Which lead goes to whom."""

    fallback: str
    outside_hours: Literal["assign", "hold"] = "assign"
    rules: tuple[Rule, ...] = ()
    pages: tuple[Page, ...] = ()
    sla: Sla | None = None


class Channel(Part):
    """A channel's own settings; which ones it takes is the channel's to say."""

    token: str | None = None
    api_url: str | None = None
    url: str | None = None
    sender: str | None = Field(default=None, alias="from")
    secret: str | None = None


Rate = Annotated[str, BeforeValidator(_off), Field(pattern=RATE)]


class Limits(Part):
    """How much one network may send before it is held, or refused."""

    form_per_network: Rate = "120/min"
    form_refuse_above: Rate = "1200/min"
    wrong_proofs_per_network: Rate = "60/min"


class Retention(Part):
    """How long things are kept."""

    raw: str = "90d"
    activity: str = "400d"
    lead: str = "5y"


class Privacy(Part):
    """What is kept of people."""

    retention: Retention = Retention()
    truncate_ip: bool = True


class Configuration(Part):
    """The whole file."""

    organisation: Organisation = Organisation()
    sites: tuple[Site, ...] = ()
    sources: tuple[Source, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    qr: tuple[Qr, ...] = ()
    teams: tuple[Team, ...] = Field(min_length=1)
    routing: Routing
    channels: dict[str, Channel] = Field(default_factory=dict)
    limits: Limits = Limits()
    scoring: Scoring = Scoring()
    privacy: Privacy = Privacy()
