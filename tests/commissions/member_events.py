"""What the tests of events about one member share: Bo's mask pays Lan 10.99 and Mei 5.49."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from common import clock
from events.delivery import deliver_due
from events.models import Event
from members.models import Member
from orders.snapshots import RefundSnapshot
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK
LATER = RELEASED + DAY
HALF = refund(5_495, at=RELEASED)


class Killed(BaseException):
    """Ends the worker: no handler may catch it."""


def settled(*, orders: int = 1) -> Member:
    """Return Bo, whose orders O-1, O-2 … are credited."""
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(1, orders + 1)))
    settle_all(at=RELEASED)
    return bo


def tell(bo: Member, *refunds: RefundSnapshot) -> None:
    """Report refunds of Bo's order O-1."""
    ingest(with_refund(order(bo, received=True), *refunds), at=LATER)


def events(name: str) -> list[Event]:
    return list(Event.objects.filter(name=name).order_by("pk"))


def told(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return nickname and data of each event about a member, in their order."""
    nicknames = dict(Member.objects.values_list("public_id", "nickname"))
    return [(nicknames[event.subject_id], event.data) for event in events(name)]


def deliver_all(*, after: timedelta = DAY) -> None:
    while deliver_due(at=clock.now() + after):
        pass


def die_at_second_event(patch: pytest.MonkeyPatch, module: ModuleType, verb: str) -> None:
    """Let a worker die when it records for the second time."""
    record, calls = getattr(module, verb), []

    def die(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        record(*args, **kwargs)

    patch.setattr(module, verb, die)
