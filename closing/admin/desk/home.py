"""What finance sees on the home: money today, and whether the books agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import home, office
from closing import liability
from closing.admin.desk import controls
from closing.admin.desk.liability import accounts_url, protected_url
from closing.models import Control, ControlRun
from closing.queries import present_differences
from ledger.chart import Asset, Kind

VIEW_ACCOUNTS, VIEW_COMMISSIONS = "ledger.view_account", "commissions.view_commission"
FORTNIGHT = timedelta(days=liability.FORECAST_DAYS)


def _accounts(kind: Kind) -> Callable[[HttpRequest], str]:
    return lambda _request: accounts_url(Asset.CASH, kind)


def _liability(_request: HttpRequest) -> str:
    return office.url("liability")


def _forecast(_request: HttpRequest) -> str:
    return office.url("forecast")


def _balance_of(*kinds: Kind) -> Callable[[Mapping[Kind, int]], int]:
    return lambda balances: sum(balances[kind] for kind in kinds)


def _at_provider(balances: Mapping[Kind, int]) -> int:
    return -balances[Kind.PROVIDER_BALANCE]


def _controls(_request: HttpRequest, _at: datetime) -> dict[str, Any]:
    open_rows = present_differences()
    last, running = ControlRun.objects.finished().first(), ControlRun.objects.open().first()
    names = dict(Control.choices)
    return {
        **controls.summary(last, open_rows, running),
        "failed": [
            {"title": names[name], "count": count, "url": controls.differences_url(name)}
            for name, count in sorted(open_rows.items())
            if count
        ],
        "url": office.url(controls.NAME),
    }


for figure in (
    home.MoneyFigure(
        "owed", _("Owed to members"), VIEW_ACCOUNTS, liability.cash_balances, _liability,
        _("Available and frozen for withdrawals."), _balance_of(Kind.WALLET, Kind.HELD),
    ),
    home.MoneyFigure(
        "available", _("Available to members"), VIEW_ACCOUNTS, liability.cash_balances,
        _accounts(Kind.WALLET), _("In their cash wallets."), _balance_of(Kind.WALLET),
    ),
    home.MoneyFigure(
        "frozen", _("Frozen for withdrawals"), VIEW_ACCOUNTS, liability.cash_balances,
        _accounts(Kind.HELD), _("Requested and not yet paid."), _balance_of(Kind.HELD),
    ),
    home.MoneyFigure(
        "protected", _("In protection"), VIEW_COMMISSIONS, lambda _at: liability.protected(),
        lambda _request: protected_url(), _("Commissions that a refund may still take back."),
    ),
    home.MoneyFigure(
        "provider", _("At the payment provider"), VIEW_ACCOUNTS, liability.cash_balances,
        _accounts(Kind.PROVIDER_BALANCE), _("By our books."), _at_provider,
    ),
    home.MoneyFigure(
        "due", _("Due in 14 days"), VIEW_ACCOUNTS,
        lambda at: liability.due_credits(at + FORTNIGHT), _forecast,
        _("Commissions that will be credited."),
    ),
):  # fmt: skip
    home.register_money(figure)
home.register_block(
    home.Block(
        "controls", _("Last controls"), controls.VIEW_PERMISSION,
        "admin/closing/desk/controls_block.html", _controls, order=10,
    )
)  # fmt: skip
