"""What every request of the desk needs, made once when the service is built."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from libs.common.runtime import Runtime
from services.desk.acting.acting import Acting
from services.desk.acting.entering import Entering
from services.desk.acting.holding import Holding
from services.desk.acting.pausing import Pausing
from services.desk.imports.importing import Importing
from services.desk.overviews.glance import Glances
from services.desk.web.coming import Coming
from services.desk.web.drawing.drawing import Drawing
from services.desk.web.watching import Watching


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
    coming: Coming
    drawing: Drawing


def desk_of(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Desk = request.app.state.desk
    return desk
