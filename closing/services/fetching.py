"""Bills are fetched from the provider: outside a transaction, then imported."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.conf import settings

from closing import sandbox
from closing.services.importing import Imported, import_bill
from withdrawals.gateways import gateway


def fetch_bill(*, day: date, at: datetime) -> Imported | None:
    """Get the bill of a day and import it; ``None`` when nothing has moved, or nobody has bills.

    :raises StatementNotHad, StatementDamaged: not now, or not as it was promised
    :raises NotABill, AnotherBill: as for ``import_bill``
    """
    name, content = settings.PAYOUT_GATEWAY, None
    if name == "sandbox":
        content = sandbox.fund_flow_bill(day)
    elif name == "wechat":
        # Only where it pays: its library is needed nowhere else.
        from withdrawals.gateways.wechat import NoStatement, WeChatGateway  # noqa: PLC0415

        way = gateway(name)
        assert isinstance(way, WeChatGateway)
        try:
            content = way.fund_flow_bill(day)
        except NoStatement:
            return None
    if content is None:
        return None
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # compared when it came
    return import_bill(day=day, content=content, sha1=sha1, gateway=name, at=at)
