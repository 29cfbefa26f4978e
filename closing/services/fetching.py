"""Bills are fetched from the provider: outside a transaction, then imported."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Min

from closing import sandbox
from closing.models import BillFile
from closing.services.importing import Imported, import_bill, keep_that_nothing_moved
from common.days import business_day
from withdrawals.gateways import gateway
from withdrawals.gateways.manual import BY_HAND
from withdrawals.models import Attempt

MOST = 40  # days a morning; WeChat Pay keeps bills for three months
A_DAY = timedelta(days=1)


def fetch_bill(*, day: date, at: datetime) -> Imported | None:
    """Get the bill of a day and import it; ``None`` when nothing has moved, which is kept too, or
    nobody has bills.

    :raises StatementNotHad, StatementDamaged: not now, or not as it was promised
    :raises NotABill, AnotherBill: as for ``import_bill``
    """
    name = settings.PAYOUT_GATEWAY
    if name == "sandbox":
        content = sandbox.fund_flow_bill(day)
    elif name == "wechat":
        content = _of_wechat(day)
    else:
        return None
    if content is None:
        keep_that_nothing_moved(day=day, gateway=name, at=at)
        return None
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # compared when it came
    return import_bill(day=day, content=content, sha1=sha1, gateway=name, at=at)


def missing_days(*, until: date) -> list[date]:
    """Days since the first payment of which there is no bill yet, oldest first."""
    name = settings.PAYOUT_GATEWAY
    paid = Attempt.objects.filter(gateway=name, state=Attempt.State.SUCCESS)
    first = paid.aggregate(at=Min("ended_at"))["at"]
    if name == BY_HAND or first is None:
        return []
    have = set(BillFile.objects.filter(gateway=name).values_list("day", flat=True))
    begins = max(business_day(first), until - MOST * A_DAY)
    days = (begins + number * A_DAY for number in range((until - begins).days + 1))
    return [day for day in days if day not in have]


def _of_wechat(day: date) -> bytes | None:
    # Only where it pays: its library is needed nowhere else.
    from withdrawals.gateways.wechat import NoStatement, WeChatGateway  # noqa: PLC0415

    way = gateway("wechat")
    assert isinstance(way, WeChatGateway)
    try:
        return way.fund_flow_bill(day)
    except NoStatement:
        return None
