"""The answers to one event of a slice, as they are gathered."""

from __future__ import annotations

from typing import Any

from libs.common.events import Event
from services.routing.case import Step
from services.routing.slices.docket import Docket


class Answers:
    """Numbers the answers to one event, so that their ids are the same on a repeat."""

    def __init__(self, docket: Docket, event: Event, place: int) -> None:
        self.events: list[Event] = []
        self.event, self.place = event, place
        self._docket = docket

    def add(self, step: Step, **touch: Any) -> None:
        """Record a step and answer with its lead and the messages it plans.

        Where a lead leaves the queue, its submission is no longer waiting.
        """
        step, planned = self._docket.record(step, self.place)
        self.say(step, **(touch or self._docket.submission_given(step.case)))
        self.events += [one.event(self._docket.now) for one in planned]

    def keep(self, step: Step) -> None:
        """Record a step of which nothing is said."""
        self._docket.record(step, self.place)

    def say(self, step: Step, **touch: Any) -> None:
        """Answer with a lead as it is."""
        number = len(self.events)
        self.events.append(self._docket.routed(self.event, number, step, **touch))
