"""What the reports add to the page of a person: wallets and totals, from folded rows only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import office
from backoffice.base import render_yuan
from backoffice.panels import BODY, Column, Figure, Panel, register
from backoffice.timeline import format_moment
from commissions.admin.person import render_amount
from common import clock
from common.money import format_yuan
from distribution.models import Distributor, PurchaseTotals
from ledger.chart import Asset
from members.admin.person import PERSON
from members.models import Member
from orders.models import Order
from reports.distributors.team_links import PAGE as TEAM
from reports.distributors.team_links import team_url
from reports.queries import Figures, key_figures, member_wallets
from reports.rates import percent
from reports.team import team_size


def wallets(_request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel with all wallets of a person."""
    if member.merged_into_id:
        return None
    rows = [
        row
        for row in member_wallets(member, at=clock.now())
        if row.kind == Asset.CASH
        or any((row.balance, row.held, row.owed, row.pending, row.protected))
    ]
    cash = rows[0]
    return {
        "figures": [
            Figure(_("can be withdrawn"), render_yuan(cash.withdrawable)),
            Figure(_("in the wallet"), render_yuan(cash.balance)),
            Figure(_("held for withdrawals"), render_yuan(cash.held)),
            Figure(_("under protection"), render_yuan(cash.protected)),
            Figure(_("pending"), render_yuan(cash.pending)),
            *([Figure(_("owed to the shop"), render_yuan(cash.owed))] if cash.owed else []),
        ],
        "table": {
            "columns": [
                Column(_("wallet")), Column(_("in the wallet"), is_number=True),
                Column(_("under protection"), is_number=True),
                Column(_("pending"), is_number=True),
                Column(_("owed to the shop"), is_number=True),
            ],
            "rows": [
                [
                    Asset(row.kind).label,
                    *(
                        render_amount(minor, row.kind)
                        for minor in (row.balance, row.protected, row.pending, row.owed)
                    ),
                ]
                for row in rows[1:]
            ],
        },
    }  # fmt: skip


def totals(request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel with what a person bought, sold and earned."""
    if member.merged_into_id:
        return None
    now = clock.now()
    distributor = Distributor.objects.filter(member=member).select_related("member").first()
    return {
        "figures": [
            *_bought(member),
            *(_sold(request, distributor, at=now) if distributor else []),
        ]
    }


def _bought(member: Member) -> list[Figure]:
    persons = Member.objects.of_person(member.pk).values("pk")
    found = Order.objects.filter(buyer__in=persons).aggregate(
        count=Count("pk"), last=Max("placed_at")
    )
    row = PurchaseTotals.objects.filter(member=member).first()
    last = (
        _("last on %(moment)s") % {"moment": format_moment(found["last"])} if found["last"] else ""
    )
    return [
        Figure(_("orders bought"), f"{found['count']:,}", last),
        Figure(
            _("bought, after protection"),
            render_yuan(row.protected_spend if row else 0),
            _("%(count)s orders") % {"count": row.protected_orders if row else 0},
        ),
    ]


def _sold(request: HttpRequest, distributor: Distributor, *, at: datetime) -> list[Figure]:
    figures = key_figures(distributor, at=at)
    life, month = figures["life"], figures["month"]
    team = team_size(distributor)
    commissions = ""
    if request.user.has_perm("commissions.view_commission"):
        changelist = reverse("admin:commissions_commission_changelist")
        commissions = f"{changelist}?q={distributor.code}"
    return [
        Figure(_("own sales"), render_yuan(life.sales), _this_month(month.sales)),
        Figure(_("sales of the team"), render_yuan(life.team_sales), _this_month(month.team_sales)),
        Figure(
            _("commission"), render_yuan(life.total_income), _this_month(month.total_income),
            url=commissions,
        ),
        Figure(_("of it credited"), render_yuan(life.credited)),
        Figure(_("return rate"), _rate(life)),
        Figure(
            _("team"),
            f"{team.tier1:,} + {team.tier2:,}",
            _("%(count)s distributors among the direct ones") % {"count": team.tier1_distributors},
            url=team_url(distributor) if office.may_open(request.user, TEAM) else "",
        ),
    ]  # fmt: skip


def _this_month(fen: int) -> Any:
    return _("¥%(amount)s this month") % {"amount": format_yuan(fen)} if fen else ""


def _rate(life: Figures) -> str:
    return percent(life.return_rate)


VIEW = "commissions.view_commission"
register(Panel("wallets", _("wallets"), PERSON, VIEW, BODY, wallets, 40))
register(Panel("totals", _("totals"), PERSON, VIEW, BODY, totals, 50))
