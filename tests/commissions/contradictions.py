"""Reports of orders that are always refused, and what people decide about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from commissions.models import Commission, ConflictAcceptance
from commissions.services import accept_conflicts, agree_to_acceptance, dismiss_conflicts
from members.models import User
from orders.intake import ingest_orders
from orders.models import Order, OrderConflict
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.cast import CLOCK, LONG_AGO

KINDS = ("swapped", "later", "overpaid", "cheaper")


def contradict(order: OrderSnapshot, kind: str, *, at: datetime) -> None:
    """Report something of an order that is refused, if it can be refused already."""
    known = Order.objects.filter(number=order.number).first()
    if kind == "cheaper" and not (known and known.paid_at and order.paid_at):
        return  # until it is paid, its price may change
    if kind == "later" and known is None:
        return
    (outcome,) = ingest_orders([_wrong(order, kind)], at=at, clock=CLOCK)
    assert outcome.error is not None
    assert OrderConflict.objects.filter(number=order.number, status="open").exists()


def _wrong(order: OrderSnapshot, kind: str) -> OrderSnapshot:
    bare = replace(order, paid_at=None, received_at=None, closed_at=None, refunds=())
    if kind == "swapped":
        return replace(bare, received_at=order.placed_at - timedelta(days=100))
    if kind == "later":
        return replace(bare, placed_at=order.placed_at + timedelta(hours=1))
    if kind == "overpaid":
        return replace(bare, refunds=(_excessive_refund(order),))
    return replace(bare, paid_at=order.paid_at, lines=tuple(map(_cheaper, order.lines)))


def _excessive_refund(order: OrderSnapshot) -> RefundSnapshot:
    total = sum(line.paid + line.shipping for line in order.lines)
    return RefundSnapshot(
        number=f"X-{order.number}", line=order.lines[0].number, quantity=0, amount=2 * total + 1,
        requested_at=order.placed_at, approved_at=order.placed_at, done_at=order.placed_at,
    )  # fmt: skip


def _cheaper(line: LineSnapshot) -> LineSnapshot:
    """A tenth less; a line that was free costs something, so that it differs."""
    return replace(line, unit_price=line.unit_price * 9 // 10 or line.unit_price + 1)


def decide_all(cheaper: list[OrderSnapshot], *, at: datetime) -> None:
    """Accept that these orders were cheaper, and dismiss everything else."""
    for order in cheaper:
        contradict(order, "cheaper", at=at)
    lower = [
        row
        for row in OrderConflict.objects.open()
        if row.number in {order.number for order in cheaper}
        and row.field.endswith(".unit_price")
        and float(row.given) < float(row.known)
    ]
    for proposal in accept_conflicts(conflicts=lower, reason="改价", by=_boss("first"), at=at):
        agree_to_acceptance(acceptance=proposal, by=_boss("second"), at=at)
    assert not ConflictAcceptance.objects.filter(status="proposed").exists()
    rest = list(OrderConflict.objects.open())
    dismiss_conflicts(conflicts=rest, reason="录入错误", by=_boss("first"), at=at)


def _boss(name: str) -> User:
    found = User.objects.filter(username=name).first()
    return found or User.objects.create_superuser(name, may_review_from=LONG_AGO)


def uncredited_in_conflict() -> set[int]:
    """Return the commissions that must not be credited now."""
    rows = Commission.objects.exclude(status="credited").filter(
        line__order__in=Order.objects.in_conflict()
    )
    return set(rows.values_list("pk", flat=True))
