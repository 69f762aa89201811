"""What a slice has made of the rows that it holds, to be written at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.routing.acting.ahead import Ahead
from services.routing.acting.sla import Timer
from services.routing.case import Case
from services.routing.choosing.attendance import Load, Paused
from services.routing.choosing.roster import Place
from services.routing.leads.listing import Row
from services.routing.leads.resend import Resend
from services.routing.messages.notification import Notification
from services.routing.store.announcements import Announced, Ends
from services.routing.store.leads import Held, Submission
from services.routing.store.persons import Person
from services.routing.store.silences import Hushed, Over
from services.routing.store.standstills import Standstill


@dataclass
class Changes:
    """What is to be written at the end of the slice."""

    persons: dict[str, Person] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    assignments: dict[str, Held] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    actions: dict[str, str | None] = field(default_factory=dict)
    notifications: list[Notification] = field(default_factory=list)
    timers: dict[str, Timer | None] = field(default_factory=dict)
    """None: to be cancelled."""
    superseded: dict[str, int] = field(default_factory=dict)
    """Assignments that are over, and the place in the slice of what ended them."""
    restated: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Submissions to be said again: their later round, and the place in the slice."""
    resends: dict[str, Resend] = field(default_factory=dict)
    """Those that begin to wait for their submission."""
    arrived: set[str] = field(default_factory=set)
    """Resends, by event, that wait no longer."""
    ahead: dict[str, Ahead] = field(default_factory=dict)
    """Actions that begin to wait for their lead."""
    met: set[str] = field(default_factory=set)
    """Actions, by event, that wait no longer."""
    dropped: int = 0
    """Actions and timers whose lead is unknown and is not waited for."""
    places: dict[str, Place | None] = field(default_factory=dict)
    """Of leads in the queue; None: it has left."""
    counts: dict[str, Load] = field(default_factory=dict)
    """How many open leads more (or less) a specialist has, and how many they were given."""
    pauses: dict[str, Paused] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)
    """Leads of which nothing is left, and the place in the slice of what erased them."""
    forgotten: set[str] = field(default_factory=set)
    """Persons who are erased."""
    listed: list[Row] = field(default_factory=list)
    """What is to be told by summaries."""
    worked_through: set[str] = field(default_factory=set)
    """Lists."""
    announced: list[Announced] = field(default_factory=list)
    """Messages about sources whose tokens end."""
    ends: dict[str, Ends] = field(default_factory=dict)
    """When sources' tokens end."""
    hushed: list[Hushed] = field(default_factory=list)
    """Messages about sources that have gone quiet."""
    heard_again: list[Over] = field(default_factory=list)
    """Silences that are over."""
    stopped: list[Standstill] = field(default_factory=list)
    """Messages about sources whose tokens are refused."""
    resumed: dict[str, datetime] = field(default_factory=dict)
    """Sources that go on, each with since when."""
