"""Bills are fetched from the provider: outside a transaction, then imported."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from closing import sandbox_statement
from closing.models import ProviderStatement
from closing.services.statement_import import ImportResult, import_bill, record_empty_statement
from common.days import business_day
from common.errors import TwotierError
from withdrawals.gateways import gateway as gateway_called
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt


class DayNotFinished(TwotierError):
    code = "day_not_finished"
    message = _("%(day)s is not over: its bill comes the next morning.")


MAX_DAYS = 90  # days; WeChat Pay keeps bills for three months
ONE_DAY = timedelta(days=1)


def fetch_statement(*, day: date, at: datetime, gateway: str = "") -> ImportResult | None:
    """Get the bill of a day and import it; ``None`` when nothing has moved, which is kept too, or
    nobody has bills.

    :param gateway: empty: the one that pays now
    :raises StatementNotHad, StatementDamaged: not now, or not as it was promised
    :raises DayNotOver: there can be no bill yet
    :raises NotABill, AnotherBill: as for ``import_bill``
    """
    name = gateway or settings.PAYOUT_GATEWAY
    if name == "sandbox":
        content = sandbox_statement.fetch_fund_flow(day)
    elif name == "wechat":
        content = _fetch_from_wechat(day)
    else:
        return None
    if content is None:
        if day >= business_day(at):
            raise DayNotFinished(day=day)
        record_empty_statement(day=day, gateway=name, at=at)
        return None
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # compared when it came
    return import_bill(day=day, content=content, sha1=sha1, gateway=name, at=at)


def missing_days(*, until: date) -> list[tuple[str, date]]:
    """Gateways and days of which there is no bill yet, as the control of bills counts them."""
    paid = Attempt.objects.filter(state=Attempt.State.SUCCESS).exclude(gateway=MANUAL)
    spans = paid.values("gateway").annotate(first=Min("created_at"), last=Max("ended_at"))
    missing = []
    for span in spans.order_by("gateway"):
        name, begins = span["gateway"], business_day(span["first"])
        ends = until
        if name != settings.PAYOUT_GATEWAY:
            ends = min(until, business_day(span["last"]))
        begins = max(begins, until - MAX_DAYS * ONE_DAY)
        have = set(ProviderStatement.objects.filter(gateway=name).values_list("day", flat=True))
        days = (begins + number * ONE_DAY for number in range((ends - begins).days + 1))
        missing += [(name, day) for day in days if day not in have]
    return missing


def _fetch_from_wechat(day: date) -> bytes | None:
    # Only where it pays: its library is needed nowhere else.
    from withdrawals.gateways.wechat import NoStatement, WeChatGateway  # noqa: PLC0415

    way = gateway_called("wechat")
    assert isinstance(way, WeChatGateway)
    try:
        return way.fetch_fund_flow(day)
    except NoStatement:
        return None
