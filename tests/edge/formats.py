"""For schemathesis (its `hooks`): values of the formats that only our descriptions name."""

from __future__ import annotations

from datetime import UTC, datetime

import schemathesis
from hypothesis import strategies as st

from services.desk.store.finding import Place
from services.desk.values import FIRST, LAST
from services.desk.web.door.paging import written

_MOMENTS = st.datetimes(
    datetime(FIRST.year, FIRST.month, FIRST.day + 1),  # noqa: DTZ001  # the zone is another argument
    datetime(LAST.year, LAST.month, LAST.day - 1),  # noqa: DTZ001  # as above
    timezones=st.just(UTC),
)

schemathesis.openapi.format(
    "cursor", st.builds(lambda at, id_: written(Place(at, str(id_))), _MOMENTS, st.uuids())
)
