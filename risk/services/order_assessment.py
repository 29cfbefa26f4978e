"""Screen orders when they earn commissions, and hold the suspicious ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from commissions.models import Commission, CommissionHold, DueCredit
from commissions.services.holds import hold
from common.locks import lock_rows
from events.models import Reference
from ledger.chart import Asset
from members.models import Member
from orders.intake import OrderWithLines
from orders.models import Order
from risk import rules
from risk.models import Assessment, Hold, Outcome, RuleName, ScreenedOrder, Stage
from risk.queries import DistributorOrder, EvidenceSet, enabled_rules, gather_evidence
from risk.services.holds import create_holds


@dataclass(slots=True)
class Earning:
    """The commissions of a distributor from an order."""

    order: Order
    member: Member
    distributor: Reference
    commissions: list[int] = field(default_factory=list)
    amount: int = 0


def screen_changed_orders(orders: Iterable[Order | OrderWithLines], *, at: datetime) -> None:
    """Follow ``orders.changed``, after commissions: screen the paid orders.

    Without an enabled rule this costs one small query, and none if no order is paid.
    """
    changed = [row.order if isinstance(row, OrderWithLines) else row for row in orders]
    paid = [order for order in changed if order.paid_at and not order.completed_at]
    if paid:
        screen_orders(paid, at=at)


@transaction.atomic(savepoint=False)
def screen_orders(orders: Iterable[Order], *, at: datetime) -> list[Hold]:
    """Put the commissions of suspicious orders on hold until a person releases them.

    An order is screened once: the first time it has uncredited commissions while a rule is enabled.
    An order that passes leaves only a ``ScreenedOrder`` row. The number of queries is constant; the
    orders are locked, or new in this transaction.

    :returns: the new holds
    """
    enabled = enabled_rules(Stage.ORDER)
    if not enabled:
        return []
    earnings = _earnings([order.pk for order in orders])
    if not earnings:
        return []
    screened = sorted({earning.order.pk for earning in earnings.values()})
    ScreenedOrder.objects.bulk_create(ScreenedOrder(order_id=pk, at=at) for pk in screened)
    gathered = gather_evidence(list(earnings), names=enabled, at=at)
    by_subject = {
        (earning.order.public_id, earning.member.pk): earning for earning in earnings.values()
    }
    assessments = Assessment.objects.bulk_create(
        assessment
        for pair, earning in earnings.items()
        for assessment in _assess(pair, earning, enabled, gathered, at=at)
        if assessment.outcome != Outcome.PASS
    )
    holds = create_holds(
        {row: by_subject[row.subject_id, row.member_id].distributor for row in assessments}, at=at
    )
    commissions = {
        pk for row in holds for pk in by_subject[row.subject_id, row.member_id].commissions
    }
    if commissions:
        lock_rows(DueCredit.objects.filter(pk__in=commissions))
        hold(commissions, reason=CommissionHold.Reason.RISK, at=at)
    return holds


def _earnings(orders: list[int]) -> dict[DistributorOrder, Earning]:
    """Return the earnings from orders not screened yet, by distributor and order."""
    rows = (
        Commission.objects.filter(
            Q(status=Commission.Status.PENDING) | Q(status=Commission.Status.PROTECTED),
            line__order__in=orders,
            line__order__screened=None,
            current__gt=0,
        )
        .select_related("line__order", "distributor__member")
        .order_by("pk")
    )
    earnings: dict[DistributorOrder, Earning] = {}
    for row in rows:
        order = row.line.order
        earning = earnings.setdefault(
            DistributorOrder(row.distributor_id, order.pk),
            Earning(order, row.distributor.member, Reference.to(row.distributor)),
        )
        earning.commissions.append(row.pk)
        if row.asset != Asset.POINTS:
            earning.amount += row.current
    return earnings


def _assess(
    pair: DistributorOrder, earning: Earning, enabled: dict[RuleName, rules.RuleSettings],
    gathered: EvidenceSet, *, at: datetime,
) -> Iterator[Assessment]:  # fmt: skip
    subject = Reference.to(earning.order)
    evidence = gathered.evidence_by_rule(pair, amount=earning.amount, at=at)
    for name, settings in enabled.items():
        outcome, details = rules.evaluate(name, evidence.get(name), settings)
        yield Assessment(
            stage=Stage.ORDER, subject_kind=subject.kind, subject_id=subject.id,
            member=earning.member, rule=name, outcome=outcome, evidence=details, at=at,
        )  # fmt: skip
