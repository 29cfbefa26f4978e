"""Fetch statements from the provider, outside a transaction, and import them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.conf import settings
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from closing import sandbox_statement
from closing.controls import ONE_DAY
from closing.models import ProviderStatement
from closing.services.statement_import import ImportResult, import_statement, record_empty_statement
from common.clock import business_day
from common.errors import TwotierError
from withdrawals.gateways import gateway as gateway_called
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt


class DayNotFinished(TwotierError):
    code = "day_not_finished"
    message = _("%(day)s is not over. Its statement is available the next morning.")


MAX_DAYS = 90  # WeChat Pay offers statements for three months


def fetch_statement(*, day: date, at: datetime, gateway: str = "") -> ImportResult | None:
    """Fetch and import the statement of a day.

    :param gateway: the current one by default
    :returns: ``None`` if nothing moved, which is saved too, or the gateway has no statements
    :raises StatementUnavailable, StatementCorrupted: the download failed or its hash is wrong
    :raises DayNotFinished: there can be no statement yet
    :raises InvalidStatement, StatementConflict: see ``import_statement``
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
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # verified by the client
    return import_statement(day=day, content=content, sha1=sha1, gateway=name, at=at)


def missing_days(*, until: date) -> list[tuple[str, date]]:
    """Return gateways and days without a statement, as the control of statements counts them."""
    paid = Attempt.objects.filter(state=Attempt.State.SUCCESS).exclude(gateway=MANUAL)
    spans = paid.values("gateway").annotate(first=Min("created_at"), last=Max("ended_at"))
    missing = []
    for span in spans.order_by("gateway"):
        name, first = span["gateway"], business_day(span["first"])
        last = until
        if name != settings.PAYOUT_GATEWAY:
            last = min(until, business_day(span["last"]))
        first = max(first, until - MAX_DAYS * ONE_DAY)
        imported = set(ProviderStatement.objects.filter(gateway=name).values_list("day", flat=True))
        days = (first + number * ONE_DAY for number in range((last - first).days + 1))
        missing += [(name, day) for day in days if day not in imported]
    return missing


def _fetch_from_wechat(day: date) -> bytes | None:
    # Its library is installed only where WeChat Pay is used.
    from wechatpay.statements import NoStatement  # noqa: PLC0415
    from withdrawals.gateways.wechat import WeChatGateway  # noqa: PLC0415

    wechat = gateway_called("wechat")
    assert isinstance(wechat, WeChatGateway)
    try:
        return wechat.fetch_fund_flow(day)
    except NoStatement:
        return None
