"""What commissions add to the page of a person: orders that they earn on, commissions, claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise, render_yuan
from backoffice.panels import BODY, Column, More, Panel, register
from backoffice.references import link_to
from backoffice.timeline import format_moment
from commissions import events
from commissions.admin.claims import CLAIM_COLOURS
from commissions.admin.commissions import STATUS_COLOURS
from commissions.earnings import first_commissions
from commissions.explanations import report
from commissions.explanations.amounts import amount
from commissions.models import Boost, Claim, Commission
from common.money import percent
from distribution.models import Distributor
from events.models import Event, Reference
from ledger.chart import Asset
from members.admin.person import PERSON, person_link
from members.admin.timeline import TimelineSource, add_source
from members.models import Member
from orders.models import Order
from orders.person import order_link, status_badge

SHOWN = 10


def render_amount(minor: int, asset: str) -> str:
    """Render an amount of any asset; cash with its sign of currency."""
    return render_yuan(minor) if asset == Asset.CASH else amount(minor, asset)


def sold(_request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel with the orders that a distributor earns on."""
    if (code := _code_of(member)) is None:
        return None
    page = first_commissions(member).select_related("line__order__buyer")[:SHOWN]
    orders = [row.line.order for row in page]
    earned: dict[int, list[Commission]] = {order.pk: [] for order in orders}
    own = Commission.objects.visible_to(member).filter(line__order__in=orders)
    for row in own.select_related("line").order_by("pk"):
        earned[row.line.order_id].append(row)
    return {
        "empty": _("Nobody has bought through this distributor yet."),
        "table": {
            "columns": [
                Column(_("order number")), Column(_("placed at")), Column(_("buyer")),
                Column(_("status")), Column(_("tier")), Column(_("commission"), is_number=True),
                Column(_("state")),
            ],
            "rows": [_sold_row(order, earned[order.pk]) for order in orders],
        },
        "more": _more(_("All orders with this distributor's commissions"), code, orders),
    }  # fmt: skip


def _sold_row(order: Order, earned: Sequence[Commission]) -> list[Any]:
    amounts: dict[str, int] = {}
    for row in earned:
        amounts[row.asset] = amounts.get(row.asset, 0) + row.current
    total = [render_amount(minor, asset) for asset, minor in sorted(amounts.items())]
    states = dict.fromkeys(row.state for row in earned)
    return [
        order_link(order),
        format_moment(order.placed_at),
        person_link(order.buyer),
        status_badge(order),
        min(row.tier for row in earned),
        total[0] if len(total) == 1 else "、".join(total),
        _badges(states),
    ]


def _badges(states: Iterable[str]) -> SafeString:
    text = SafeString("")
    for state in states:
        text += format_html(
            '<span class="tt-badge tt-{}">{}</span> ', STATUS_COLOURS[state], report.state(state)
        )
    return text


def _code_of(member: Member) -> str | None:
    """Return the invite code of a person, who may have become a distributor before a merge."""
    persons = Member.objects.of_person(member.pk).values("pk")
    codes = Distributor.objects.filter(member__in=persons).order_by("pk")
    return codes.values_list("code", flat=True).first()


def _more(title: StrOrPromise, code: str, rows: Sequence[Any]) -> More | None:
    """Return the link to the list of the distributor's commissions, if there are more."""
    page = reverse("admin:commissions_commission_changelist")
    return More(title, f"{page}?q={code}") if len(rows) == SHOWN else None


def earned(_request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel with the latest commissions, each leading to its reason."""
    if (code := _code_of(member)) is None:
        return None
    own = Commission.objects.visible_to(member).order_by("-pk").prefetch_related("holds")
    rows = list(own.select_related("line__order", "line__product")[:SHOWN])
    return {
        "empty": _("Has earned no commission yet."),
        "table": {
            "columns": [
                Column(_("order number")), Column(_("product")), Column(_("tier")),
                Column(_("earned at first"), is_number=True), Column(_("now"), is_number=True),
                Column(_("state")), Column(_("protected until")), Column(_("explanation")),
            ],
            "rows": [_earned_row(row) for row in rows],
        },
        "more": _more(_("All commissions of this person"), code, rows),
    }  # fmt: skip


def _earned_row(row: Commission) -> list[Any]:
    page = reverse("admin:commissions_commission_change", args=[row.pk])
    holds = "、".join(str(hold.get_reason_display()) for hold in row.holds.all())
    return [
        order_link(row.line.order),
        row.line.product.name,
        row.tier,
        render_amount(row.original, row.asset),
        render_amount(row.current, row.asset),
        format_html("{}{}", _badges([row.state]), holds),
        format_moment(row.release_at) if row.release_at else NOTHING,
        format_html('<a href="{}">{}</a>', page, _("How it was computed")),
    ]


def boosts(_request: HttpRequest, member: Member) -> dict[str, Any] | None:
    """Return the context of the panel with the boosts of a distributor, if there were any."""
    persons = Member.objects.of_person(member.pk).values("pk")
    rows = list(Boost.objects.filter(distributor__member__in=persons)[:SHOWN])
    if not rows:
        return None
    return {
        "table": {
            "columns": [
                Column(_("boost"), is_number=True), Column(_("starts at")), Column(_("ends at")),
                Column(_("ended early at")), Column(_("given by")),
            ],
            "rows": [_boost_row(row) for row in rows],
        },
    }  # fmt: skip


def _boost_row(row: Boost) -> list[Any]:
    return [
        percent(row.rate),
        format_moment(row.starts_at),
        format_moment(row.ends_at),
        format_moment(row.ended_at) if row.ended_at else NOTHING,
        link_to(*row.source),
    ]


def claims(_request: HttpRequest, member: Member) -> dict[str, Any]:
    """Return the context of the panel with the claims of a person."""
    rows = Claim.objects.visible_to(member).select_related("answered_by").order_by("-pk")[:SHOWN]
    return {
        "empty": _("Has made no claim."),
        "table": {
            "columns": [
                Column(_("order number")), Column(_("reason")), Column(_("status")),
                Column(_("claimed at")), Column(_("our answer")), Column(_("answered by")),
            ],
            "rows": [_claim_row(row) for row in rows],
        },
    }  # fmt: skip


def _claim_row(row: Claim) -> list[Any]:
    page = reverse("admin:commissions_claim_change", args=[row.pk])
    return [
        format_html('<a href="{}">{}</a>', page, row.order_number),
        row.get_reason_display(),
        format_html(
            '<span class="tt-badge tt-{}">{}</span>', CLAIM_COLOURS[row.status],
            row.get_status_display(),
        ),
        format_moment(row.opened_at),
        row.answer or NOTHING,
        row.answered_by or NOTHING,
    ]  # fmt: skip


def _claims_of(member: Member) -> Iterable[Reference]:
    return [Reference.to(row) for row in Claim.objects.visible_to(member)]


def _details(rows: Sequence[Event]) -> Mapping[int, StrOrPromise]:
    return {row.pk: _detail(row.data) for row in rows}


def _detail(data: Mapping[str, Any]) -> str:
    amounts = [amount(minor, asset) for asset, minor in (data.get("amounts") or {}).items()]
    reason = data.get("reason") or ""
    label = Claim.Reason(reason).label if reason in Claim.Reason.values else ""
    parts = [data.get("order"), label, data.get("answer"), *amounts]
    return " · ".join(str(part) for part in parts if part)


add_source(
    TimelineSource(
        {
            events.COMMISSIONS_CLAWED_BACK_FROM_MEMBER.name: _("Commission taken back"),
            events.COMMISSIONS_CLAIM_OPENED.name: _("Made a claim"),
            events.COMMISSIONS_CLAIM_ANSWERED.name: _("The claim was answered"),
        },
        _claims_of,
        _details,
    )
)
VIEW, ORDERS = "commissions.view_commission", _("orders as a distributor")
register(Panel("sold", ORDERS, PERSON, VIEW, BODY, sold, 120, lazy=True))
register(Panel("commissions", _("commissions"), PERSON, VIEW, BODY, earned, 130, lazy=True))
register(Panel("boosts", _("boosts"), PERSON, VIEW, BODY, boosts, 140, lazy=True))
register(
    Panel("claims", _("claims"), PERSON, "commissions.view_claim", BODY, claims, 150, lazy=True)
)
