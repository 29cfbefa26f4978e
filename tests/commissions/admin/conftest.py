"""Something in every list."""

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
def begun(db: None) -> Plan:
    sku()
    sku("soap", category="bath")
    return draft(name="双十一", by=editor(), at=NOON, rules=[rule(1_000, 825)])


@pytest.fixture
def bo(begun: Plan) -> Member:
    """Something in every list: credited and taken back, waiting, held."""
    plan()
    buyer = referral_chain("Mei", "Lan", "Bo")[-1]
    ingest(order(buyer, number="O-1", received=True))
    settle_all(at=RELEASED)
    back = refund(3_663, at=RELEASED + DAY)
    ingest(with_refund(order(buyer, number="O-1", received=True), back), at=RELEASED + DAY)
    ingest(order(buyer, line(quantity=2), line("soap", number=2), number="O-2", received=True))
    asked = refund(100, number="R-2", done=False)
    ingest(with_refund(order(buyer, number="O-3", received=True), asked))
    ingest(order(member("Chen"), number="O-4", paid=False))
    return buyer
