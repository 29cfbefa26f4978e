"""Buy, refund and complete orders through the mall's door, and let the workers follow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from events.delivery import deliver_due
from events.models import Delivery, Event
from incentives.models import Award, Contribution, Progress
from incentives.services.closing import close_periods
from integration.merges import merge_members, propose_merge
from ledger.models import Account
from members.models import Member
from orders.services import complete
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from risk.models import Hold, RuleName
from tests import shop
from tests.cast import CLOCK, NOON, give, staff
from tests.incentives.shared_holds import hold_for_sharing
from tests.shop import DAY, PLACED, WEEK

RECEIVED = PLACED + 3 * DAY
RELEASED = RECEIVED + WEEK
MERGED = RELEASED + 2 * DAY
NOVEMBER = date(2026, 11, 1)
CLOSED = NOON + 50 * DAY
"""Well after the close of November, on 16 December."""


def work() -> None:
    """Do what the workers do after the commit, until nothing is left."""
    while deliver_due(at=CLOCK):
        pass
    failed = Delivery.objects.exclude(last_error="")
    assert not failed, failed.values_list("follower", "last_error")


def buy(
    buyer: Member,
    number: str = "O-1",
    *lines: LineSnapshot,
    day: int = 0,
    refunds: tuple[RefundSnapshot, ...] = (),
    **facts: Any,
) -> OrderSnapshot:
    """Tell an order that is paid ``day`` days after the first one and received; by default a mask.

    An order that is known already comes again, with what is new.
    """
    placed = facts.pop("placed_at", PLACED + day * DAY)
    told = shop.order(
        buyer, *lines, number=number, placed_at=placed, received=True, refunds=refunds, **facts
    )
    shop.ingest(told, at=placed)
    work()
    return told


def give_back(
    told: OrderSnapshot, amount: int, *, at: datetime, number: str = "R-1", **fields: Any
) -> None:
    """Tell an order again with a refund that was done at ``at``."""
    row = shop.refund(amount, number=number, at=at, **fields)
    shop.ingest(shop.with_refund(told, row), at=at)
    work()


def complete_by(at: datetime = RELEASED) -> None:
    """Complete the orders whose protection is over at ``at``."""
    while complete(at=at):
        pass
    work()


def close() -> None:
    """Close the periods that are due at ``CLOSED``."""
    while close_periods(at=CLOSED, limit=50):
        pass
    work()


def merge(merged: Member, survivor: Member, *, is_followed: bool = True) -> None:
    """Let two people merge a member into another one.

    :param is_followed: whether the workers follow it at once
    """
    qian, feng = give(staff("Qian"), "propose_merge"), give(staff("Feng"), "decide_merge")
    proposal = propose_merge(
        merged=merged, survivor=survivor, by=qian, reason="one person", at=MERGED
    )
    merge_members(proposal=proposal, by=feng, at=MERGED)
    if is_followed:
        work()


def awards(who: Member) -> list[tuple[str, int, int, str]]:
    """Return (step, due, given, status) of a member's awards."""
    rows = Award.objects.filter(member=who).order_by("incentive", "period_start", "step")
    return [(_told(row), row.target, row.posted, row.status) for row in rows]


def _told(row: Award) -> str:
    """Return a step with the number of its order instead of the key."""
    kind, _separator, rest = row.step.partition(":")
    if kind not in ("order", "friend"):
        return row.step
    key, _separator, name = rest.partition(":")
    if kind == "friend":
        return f"friend:{name}"
    number = Contribution.objects.get(order=int(key), incentive=row.incentive).order
    return f"{number}:{name}"


def progress(who: Member) -> list[tuple[date, int, int]]:
    """Return (period, counted, coming) of a member, of one incentive."""
    rows = Progress.objects.filter(member=who).order_by("period_start")
    return list(rows.values_list("period_start", "value", "coming"))


def everything() -> tuple[Any, ...]:
    """Return all that an award moves, to prove that nothing moved."""
    return (
        list(Award.objects.order_by("pk").values_list("pk", "target", "posted", "status", "hold")),
        list(Account.objects.exclude(member=None).order_by("pk").values_list("pk", "balance")),
    )


def events(name: str) -> list[dict[str, Any]]:
    return list(Event.objects.filter(name=name).order_by("pk").values_list("data", flat=True))


def hold_payee(who: Member, buyer: Member) -> Hold:
    """Hold a withdrawal of a distributor whose payee a buyer has, too."""
    hold = hold_for_sharing(who, buyer, RuleName.SHARED_PAYEE)
    work()
    return hold
