"""What comparing a source with its platform's list asks somebody to look at. Pure."""

from __future__ import annotations

from libs.common.events import Text
from libs.common.normal.text import persian
from services.desk.reading.rows import ComparisonRow


def concerns(found: ComparisonRow) -> list[Text]:
    """That calls get lost on their way, and that nobody would notice if they did."""
    key, said = found.source, []
    if n := found.missing:
        said.append(
            Text(
                f"{persian(n)} سرنخ از {key} در {persian(found.days)} روز گذشته فقط از فهرست سکو "
                "آمد؛ وب‌هوکش نرسید",
                f"{n} {'lead' if n == 1 else 'leads'} of {key} in the last {found.days} days came "
                "only by the platform's list: its webhook did not come",
            )
        )
    if found.trouble:
        said.append(
            Text(
                f"فهرست سکوی {key} خوانده نمی‌شود ({found.trouble})",
                f"The platform's list of {key} cannot be read ({found.trouble})",
            )
        )
    return said
