"""Every record of a spool leaves a receipt: the books find a missing one by them."""

from __future__ import annotations

import uuid

from libs.common.stage.contract import Receipt
from tests.integration.enrichment.conftest import Service


async def test_rule_26_a_receipt_is_kept_once_also_of_a_record_too_broken_to_name_its_lead(
    service: Service,
) -> None:
    spool, submission = str(uuid.uuid4()), str(uuid.uuid4())
    for _ in range(2):
        async with service.database.transaction() as tx:
            await service.stage.receive(
                tx, [Receipt(spool, 1, submission), Receipt(spool, 2, None)]
            )
    assert await service.count("receipts") == 2
