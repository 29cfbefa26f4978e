"""A draft and orders, so that every list has rows."""

from __future__ import annotations

import pytest

from commissions.models import Plan
from commissions.services import draft
from members.models import Member
from tests.cast import NOON, member
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    editor,
    ingest,
    line,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def draft_plan(db: None) -> Plan:
    sku()
    sku("soap", category="bath")
    return draft(name="双十一", by=editor(), at=NOON, rules=[rule(1_000, 825)])


@pytest.fixture
def bo(draft_plan: Plan) -> Member:
    """Bo, whose orders are credited and clawed back, due, and held."""
    plan()
    buyer = referral_chain("Mei", "Lan", "Bo")[-1]
    ingest(order(buyer, number="O-1", received=True))
    settle_all(at=RELEASED)
    done_refund = refund(3_663, at=RELEASED + DAY)
    ingest(with_refund(order(buyer, number="O-1", received=True), done_refund), at=RELEASED + DAY)
    ingest(order(buyer, line(quantity=2), line("soap", number=2), number="O-2", received=True))
    open_refund = refund(100, number="R-2", done=False)
    ingest(with_refund(order(buyer, number="O-3", received=True), open_refund))
    ingest(order(member("Chen"), number="O-4", paid=False))
    return buyer
