"""What every request of the desk needs, made once when the service is built."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from libs.common.runtime import Runtime
from services.desk.acting import Acting
from services.desk.entering import Entering
from services.desk.holding import Holding
from services.desk.importing import Importing
from services.desk.pausing import Pausing
from services.desk.watching import Watching
from services.desk.web.drawing import Drawing
from services.desk.web.glance import Glances


@dataclass(frozen=True)
class Desk:
    """The runtime, and staff's way to the other services."""

    runtime: Runtime
    acting: Acting
    entering: Entering
    holding: Holding
    importing: Importing
    pausing: Pausing
    glances: Glances
    watching: Watching
    drawing: Drawing


def desk_of(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Desk = request.app.state.desk
    return desk
