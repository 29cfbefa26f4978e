"""Contests for tests: three sellers with a buyer each, their orders, and the close of a week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from events.models import Delivery
from incentives.due_periods import COUNTER
from incentives.models import Award, Incentive, PeriodClosing, Reward, Version
from incentives.services.awards import release_waiting
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods, count_closing
from ledger.chart import Asset
from members.models import Member, User
from orders.models import Order
from orders.services import complete
from risk.models import Rule
from tests.cast import give, member, staff
from tests.incentives.offers import published
from tests.shop import DAY, PLACED, ingest, line, order, plan, referral_chain, rule, sku

SELLERS = ("Lan", "Chen", "Mei")
PRICE = 100_000
WEEK_START = PLACED.date() - timedelta(days=PLACED.weekday())
"""Monday of the week in which the orders are paid."""
RELEASED = PLACED + 12 * DAY
"""When what was received three days after the order is completed."""
CLOSES = PLACED.replace(hour=16, minute=0) + timedelta(days=6 - PLACED.weekday(), hours=15 * 24)
"""Midnight in Shanghai, 15 days after Sunday."""


def open_stage() -> None:
    """Let Lan, Chen and Mei sell, each to a buyer of their own; masks pay 1 %."""
    Rule.objects.update(enabled=False)  # many orders of few people would be held
    sku(price=PRICE)
    plan(rule(100, 0))
    for seller in SELLERS:
        referral_chain(seller, buyer_of(seller))


def buyer_of(seller: str) -> str:
    return f"{seller}'s buyer"


def prize(amount: int, first: int, last: int | None = None, **fields: Any) -> Reward:
    values = {"kind": "amount", "asset": Asset.CASH, "amount": amount} | fields
    return Reward(first_rank=first, last_rank=last or first, **values)


def podium() -> list[Reward]:
    return [prize(10_000, 1), prize(8_000, 2), prize(5_000, 3)]


def contest(*rewards: Reward, **terms: Any) -> Version:
    """Publish a contest of own sales by the week; Qian drafts it and Feng publishes it."""
    values = {"metric": "own_sales", "reach": "rank", "period": "week", "close_days": 15} | terms
    return published(rewards=list(rewards) or podium(), **values)


def sell(seller: str, *prices: int, **facts: Any) -> list[Order]:
    """Let a seller's buyer order and receive one mask for each price."""
    before = Order.objects.filter(number__startswith=f"{seller}-").count()
    numbers = [f"{seller}-{before + place}" for place in range(1, len(prices) + 1)]
    for number, price in zip(numbers, prices, strict=True):
        facts = {"received": True, **facts}
        ingest(order(member(buyer_of(seller)), line(price=price), number=number, **facts))
    rows = list(Order.objects.filter(number__in=numbers).order_by("pk"))
    follow(rows)
    return rows


def follow(orders: Iterable[Order], *, at: Any = PLACED) -> None:
    """Count orders, as a worker does."""
    catch_up(orders=[row.pk for row in orders], at=at)
    Delivery.objects.filter(follower=COUNTER).delete()


def release(at: Any = RELEASED) -> None:
    """Complete the orders that are due, and count them."""
    while complete(at=at):
        pass
    follow(Order.objects.exclude(completed_at=None), at=at)


def close(at: Any = CLOSES) -> PeriodClosing | None:
    """Close what is due as the periodic task does, and give what is final."""
    while close_periods(at=at, limit=10):
        pass
    for closing in PeriodClosing.objects.filter(status="final"):
        release_waiting(closing=closing, at=at)
    return PeriodClosing.objects.filter(period_start=WEEK_START).first()


def count_and_crash(closing: PeriodClosing, *, at: Any = CLOSES) -> None:
    """Set the awards of a sealed period, and lose the connection before the close is done."""

    def crash(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "incentives_periodclosing"'):
            raise OperationalError("the connection is lost")
        return execute(sql, *rest)

    with pytest.raises(OperationalError), connection.execute_wrapper(crash):
        count_closing(closing=closing, at=at)
    closing.refresh_from_db()
    assert closing.status == "counting"


@contextmanager
def locks_of_people() -> Iterator[list[str]]:
    """Collect the statements that lock people, in the order in which they are sent."""
    found: list[str] = []

    def collect(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        if "pg_advisory_xact_lock" in sql and "incentives:" in str(params):
            found.append(str(params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(collect):
        yield found


def winners(of: Incentive | None = None) -> list[tuple[str, int | None, int, int, str]]:
    """Return name, place, what is due, what was given, and the status of each award."""
    rows = Award.objects.select_related("member")
    if of:
        rows = rows.filter(incentive=of)
    return [
        (row.member.nickname, row.rank, row.target, row.posted, row.status)
        for row in rows.order_by("rank", "pk")
    ]


def confirmer(name: str = "Wen") -> User:
    """Return somebody of the staff who may confirm awards."""
    return give(staff(name), "confirm_closing")


def seller(name: str) -> Member:
    return member(name)
