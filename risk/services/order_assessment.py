"""Orders are looked at when they earn commissions; what looks wrong waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from commissions.models import Commission, CommissionHold, DueCredit
from commissions.services.holds import hold as hold_commissions
from events.models import Reference
from ledger.chart import Asset
from members.models import Member
from orders.intake import PlacedOrder
from orders.models import Order
from risk import rules
from risk.models import Assessment, Hold, Outcome, ScreenedOrder, Stage
from risk.queries import DistributorOrder, enabled_rules, gather_evidence
from risk.services.holds import PendingHold, hold
from risk.services.withdrawal_assessment import HOLDING_OUTCOMES


@dataclass(slots=True)
class Earning:
    """What an order earns one distributor."""

    order: Order
    member: Member
    distributor: Reference
    commissions: list[int] = field(default_factory=list)
    amount: int = 0


def screen_changed_orders(orders: Iterable[Order | PlacedOrder], *, at: datetime) -> None:
    """Follow ``orders.changed``, after the commissions have: ``screen_orders``.

    Without an enabled rule this asks one small question for any number of orders, and none where
    no order is paid.
    """
    changed = [row.order if isinstance(row, PlacedOrder) else row for row in orders]
    paid = [order for order in changed if order.paid_at and not order.completed_at]
    if paid:
        screen_orders(paid, at=at)


@transaction.atomic(savepoint=False)
def screen_orders(orders: Iterable[Order], *, at: datetime) -> list[Hold]:
    """Put the commissions of suspicious orders on hold until a person releases them.

    Each order is looked at once: the first time that it has commissions not credited yet while a
    rule is enabled. What passes leaves no assessment, only a ``ScreenedOrder`` row. In a constant number
    of queries; the orders are locked, or new in this transaction.

    :returns: the holds that are new
    """
    asked = enabled_rules(Stage.ORDER)
    if not asked:
        return []
    earnings = _earnings([order.pk for order in orders])
    if not earnings:
        return []
    looked_at = sorted({pair.order for pair in earnings})
    ScreenedOrder.objects.bulk_create(ScreenedOrder(order_id=key, at=at) for key in looked_at)
    gathered = gather_evidence(list(earnings), names=asked, at=at)
    said = [
        _build_assessment(earning, name, rules.evaluate(name, evidence, its), at=at)
        for pair, earning in earnings.items()
        for name, its in asked.items()
        for evidence in [gathered.of(name, pair, amount=earning.amount, at=at)]
    ]
    kept = Assessment.objects.bulk_create(one for one in said if one.outcome != Outcome.PASS)
    about = {(one.order.public_id, one.member.pk): one for one in earnings.values()}
    alarms = [
        PendingHold(one, about[one.subject_id, one.member_id].distributor)
        for one in kept
        if one.outcome in HOLDING_OUTCOMES
    ]
    made = hold(alarms, at=at) if alarms else []
    keys = {key for one in made for key in about[one.subject_id, one.member_id].commissions}
    if keys:
        waiting = DueCredit.objects.filter(pk__in=keys).order_by("pk")
        list(waiting.select_for_update(no_key=True, of=("self",)).values_list("pk"))
        hold_commissions(keys, reason=CommissionHold.Reason.RISK, at=at)
    return made


def _earnings(orders: list[int]) -> dict[DistributorOrder, Earning]:
    """By distributor and order, of the orders that nobody has looked at."""
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
    found: dict[DistributorOrder, Earning] = {}
    for one in rows:
        order = one.line.order
        earning = found.setdefault(
            DistributorOrder(one.distributor_id, order.pk),
            Earning(order, one.distributor.member, Reference.to(one.distributor)),
        )
        earning.commissions.append(one.pk)
        if one.asset != Asset.POINTS:
            earning.amount += one.current
    return found


def _build_assessment(
    earning: Earning, name: str, finding: rules.Finding, *, at: datetime
) -> Assessment:
    subject = Reference.to(earning.order)
    return Assessment(
        stage=Stage.ORDER,
        subject_kind=subject.kind,
        subject_id=subject.id,
        member=earning.member,
        rule=name,
        outcome=finding.outcome,
        evidence=finding.evidence,
        at=at,
    )
