"""The page of what is owed at the end of any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import export_tables, office
from backoffice.export_tables import Table, TableSource
from backoffice.sheets import Cell, Yuan
from backoffice.table_exports import export_buttons, send_table
from closing import liability
from closing.day_flows import FIRST_DAY
from closing.protection import protected_at
from common import clock
from common.money import yuan_text
from ledger.chart import Asset, Kind
from ledger.columns import amount_text

NAME, LABEL = "liability", "closing.dayflow"
VIEW_PERMISSION = "ledger.view_account"


def page(request: HttpRequest) -> HttpResponse:
    """Show what is owed at the end of a day; a POST exports the balances of all members."""
    today = clock.business_day(clock.now())
    day, fault = read_day(request.GET.get("day", ""), today)
    if request.method == "POST" and not fault:
        return _export(request, day)
    books = liability.liability(day)
    assets = {row.asset: _asset(row, link=day == today) for row in books.assets}
    return office.render(
        request,
        "admin/closing/desk/liability.html",
        title=office_page.title,
        day=day.isoformat(),
        today=today.isoformat(),
        is_today=day == today,
        yesterday=(today - timedelta(days=1)).isoformat(),
        month_end=(today.replace(day=1) - timedelta(days=1)).isoformat(),
        fault=fault,
        cash=assets[Asset.CASH],
        assets=list(assets.values()),
        platform=[
            {
                "title": kind.label, "amount": yuan_text(amount),
                "url": accounts_url(Asset.CASH, kind),
            }
            for kind, amount in books.platform
        ],
        protected=yuan_text(liability.protected() if day == today else protected_at(day)),
        protected_url=protected_url() if day == today else "",
        awards_not_given=yuan_text(liability.awards_not_given()) if day == today else "",
        files=export_buttons(request, f"{office.url(NAME)}?day={day.isoformat()}"),
    )  # fmt: skip


def read_day(text: str, today: date) -> tuple[date, str]:
    """Return the day that was asked for, or today with the reason why not."""
    if not text:
        return today, ""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return today, _("“%(text)s” is not a day. Write it like 2026-11-30.") % {"text": text[:20]}
    if not FIRST_DAY <= day <= today:
        return today, _("Choose a day that is not in the future.")
    return day, ""


def accounts_url(asset: Asset, kind: Kind) -> str:
    """Return the list of the accounts of a kind."""
    path = reverse("admin:ledger_account_changelist")
    return f"{path}?asset__exact={asset}&kind__exact={kind}"


def protected_url() -> str:
    """Return the list of the commissions behind ``liability.protected``."""
    path = reverse("admin:commissions_commission_changelist")
    return f"{path}?asset__exact={Asset.CASH}&state=protected"


def _asset(row: liability.AssetLiability, *, link: bool) -> dict[str, Any]:
    """Return the cells of an asset. Only balances of today have a list of accounts behind them."""
    kinds = (("wallet", Kind.WALLET), ("held", Kind.HELD), ("owed", Kind.OWED))
    return {
        "title": row.asset.label,
        "total": amount_text(row.owed_to_members, row.asset),
        **{name: amount_text(getattr(row, name), row.asset) for name, _kind in kinds},
        **{
            f"{name}_url": accounts_url(row.asset, kind) if link else ""
            for name, kind in kinds
        },
    }  # fmt: skip


def _export(request: HttpRequest, day: date) -> HttpResponse:
    """Send the balances of every member at the end of a day; the file is on record."""
    query = QueryDict(urlencode({"day": day.isoformat()}))
    return send_table(
        request, open_stored(query), label=LABEL, query=query.urlencode(),
        count=liability.count_accounts(), at=clock.now(), name=f"balances-{day}",
    )  # fmt: skip


def open_stored(query: QueryDict) -> Table:
    """Return the balances of a day as a table, for a file; only a part of it is in memory."""
    day = date.fromisoformat(str(query["day"]))
    titles = [_("member number"), _("nickname"), _("asset"), _("kind"), _("balance")]
    return Table(_("Balances of members"), titles, map(_cells, liability.members_at(day)))


def _cells(row: tuple[str, str, str, str, int]) -> list[Cell]:
    number, nickname, asset, kind, balance = row
    amount: Cell = balance if asset == Asset.POINTS else Yuan(balance)
    return [number, nickname, str(Asset(asset).label), str(Kind(kind).label), amount]


office_page = office.register(
    office.OfficePage(
        NAME, "liability", gettext_lazy("Owed at any day"), VIEW_PERMISSION, page, "savings"
    )
)
export_tables.register(TableSource(LABEL, gettext_lazy("Balances of members"), open_stored))
