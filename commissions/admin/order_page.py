"""What commissions add to the page of an order: who is paid, how much and why; and its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.panels import Line, Panel, register
from commissions.admin.commissions import STATUS_COLOURS
from commissions.explanations import LineExplanation, TierExplanation, explain
from commissions.explanations.amounts import amount
from commissions.explanations.order import EXPECTED
from commissions.explanations.report import heading, report_lines, state, tier_summary
from commissions.models import Claim, Commission, CommissionChange, CommissionHold, Plan
from distribution.models import Distributor
from ledger.chart import Asset
from members.admin.person import person_url
from orders.admin.history import ORDER, add_source
from orders.models import Order

TEMPLATE = "admin/commissions/order_explanation.html"
TIERS = (1, 2)
COLOURS = {**STATUS_COLOURS, EXPECTED: "info"}


@dataclass(frozen=True, slots=True)
class Payee:
    """What a tier of the whole order gets: the amounts of each asset, and their states.

    ``reason``: the first sentence of the explanation if the tier gets nothing.
    """

    tier: int
    distributor: Distributor | None
    url: str
    sums: Sequence[tuple[str, str]]
    states: Sequence[tuple[str, str]]
    reason: str


def explanation(_request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return the context of the panel: both tiers with their sums, then each line in words."""
    lines = explain(order)
    plan: Plan | None = next((line.plan for line in lines if line.plan), None)
    return {
        "payees": [payee(lines, tier) for tier in TIERS],
        "lines": [
            {
                "heading": heading(line),
                "tiers": [
                    {"summary": tier_summary(tier), "sentences": tier.sentences}
                    for tier in line.tiers
                ],
            }
            for line in lines
        ],
        "plan": plan,
        "text": "\n".join(report_lines(lines)),
        "has_mismatch": not all(line.matches_stored for line in lines),
    }


def payee(lines: Sequence[LineExplanation], tier: int) -> Payee:
    """Add up what a tier gets over all lines, by asset."""
    rows = [line.tiers[tier - 1] for line in lines]
    paid = [row for row in rows if row.state]
    distributor = next((row.distributor for row in rows if row.distributor), None)
    states = list(dict.fromkeys(row.state for row in paid))
    return Payee(
        tier=tier,
        distributor=distributor,
        url=person_url(distributor.member_id) if distributor else "",
        sums=[_sum(paid, asset) for asset in dict.fromkeys(row.asset for row in paid)],
        states=[(COLOURS[name], state(name)) for name in states],
        reason="" if paid else _first_reason(rows),
    )


def _sum(rows: Sequence[TierExplanation], asset: str) -> tuple[str, str]:
    """Return what is left, and what it was before refunds if that was more."""
    current = sum(row.current for row in rows if row.asset == asset)
    original = sum(row.original for row in rows if row.asset == asset)
    sign = "¥" if asset == Asset.CASH else ""
    before = f"{sign}{amount(original, asset)}" if original != current else ""
    return f"{sign}{amount(current, asset)}", before


def _first_reason(rows: Sequence[TierExplanation]) -> str:
    """Return why a tier gets nothing: the last sentence says what decides."""
    sentences = [row.sentences for row in rows if row.sentences]
    return sentences[0][-1] if sentences else ""


@add_source
def commissions(order: Order) -> Iterator[Line]:
    """Yield when commissions arose, were credited, changed and are held."""
    rows = list(
        Commission.objects.filter(line__order=order)
        .select_related("distributor__member", "settlement", "line")
        .order_by("pk")
    )
    system = _("the system")
    if rows:
        yield Line(rows[0].accrued_at, _("Commissions arose"), system)
    for settlement, group in _by_settlement(rows).items():
        names = ", ".join(
            f"{row.distributor} {amount(row.current, row.asset)}" for row in group if row.current
        )
        yield Line(settlement, _("Credited: %(names)s") % {"names": names}, system)
    changes = CommissionChange.objects.filter(commission__in=rows)
    for change in changes.select_related("commission__distributor__member", "refund"):
        yield Line(change.at, _change(change), system)
    holds = CommissionHold.objects.filter(commission__in=rows)
    for hold in holds.select_related("commission__distributor__member"):
        text = _("The commission of %(who)s is held: %(reason)s") % {
            "who": hold.commission.distributor, "reason": hold.get_reason_display(),
        }  # fmt: skip
        yield Line(hold.since, text, system)


def _by_settlement(rows: Sequence[Commission]) -> dict[Any, list[Commission]]:
    """Return the credited commissions by the moment of their credit."""
    groups: dict[Any, list[Commission]] = {}
    for row in rows:
        if row.settlement:
            groups.setdefault(row.settlement.at, []).append(row)
    return groups


def _change(change: CommissionChange) -> str:
    data = {
        "who": change.commission.distributor,
        "amount": amount(abs(change.delta), change.commission.asset),
        "refund": change.refund,
    }
    if change.delta < 0:
        return _("%(amount)s clawed back from %(who)s by refund %(refund)s") % data
    return _("The commission of %(who)s grew by %(amount)s with refund %(refund)s") % data


@add_source
def claims(order: Order) -> Iterator[Line]:
    """Yield what distributors claimed about the order, and the answers."""
    rows = Claim.objects.filter(order_number=order.number)
    for claim in rows.select_related("member", "answered_by"):
        opened = _("A commission was claimed: %(reason)s. %(text)s") % {
            "reason": claim.get_reason_display(), "text": claim.text,
        }  # fmt: skip
        yield Line(claim.opened_at, opened, str(claim.member))
        if claim.answered_at and claim.answered_by:
            answered = _("The claim was answered: %(outcome)s. %(answer)s") % {
                "outcome": claim.get_status_display(), "answer": claim.answer,
            }  # fmt: skip
            yield Line(claim.answered_at, answered, str(claim.answered_by))


register(Panel("commission", gettext_lazy("who is paid"), ORDER, "", TEMPLATE, explanation, 20))
