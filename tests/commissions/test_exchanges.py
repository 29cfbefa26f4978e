"""An exchange holds while it is open and changes no amount, whatever the rule."""

from __future__ import annotations

from typing import Any

import pytest

from members.models import Member
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    ingest,
    line,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    wallet_balance,
    with_refund,
)

pytestmark = pytest.mark.django_db

EXCHANGE = {"amount": 0, "quantity": 1, "kind": "exchange"}


@pytest.mark.parametrize(
    ("terms", "bought", "earned"),
    [
        ({"tier1": 500, "tier2": 100, "kind": "per_unit"}, line(), (500, 100)),
        ({"base": "profit"}, line(price=14_780, discount=3_000), (758, 379)),
    ],
    ids=["5.00 a unit", "10 % of the profit after a discount of 30.00"],
)
def test_an_exchange_changes_no_amount(
    db: None, terms: dict[str, Any], bought: Any, earned: tuple[int, int]
) -> None:
    sku()
    plan(rule(**terms))
    bo = referral_chain("Mei", "Lan", "Bo")[-1]
    told = order(bo, bought, received=True)

    ingest(with_refund(told, refund(**EXCHANGE, done=False)))
    assert settle_all(at=PLACED + 60 * DAY) == 0

    ingest(with_refund(told, refund(**EXCHANGE, done=False, done_at=PLACED + 61 * DAY)))

    assert [(row[3], row[4]) for row in commissions()] == [(amount, amount) for amount in earned]
    assert settle_all(at=PLACED + 61 * DAY) == 2
    assert wallet_balance(Member.objects.get(nickname="Lan")) == earned[0]


def test_an_exchange_told_again_without_its_kind_stays_one(db: None) -> None:
    sku()
    plan()
    bo = referral_chain("Mei", "Lan", "Bo")[-1]
    ingest(with_refund(order(bo), refund(**EXCHANGE, done=False)))

    ingest(with_refund(order(bo), refund(0, quantity=1)))

    assert [row[4] for row in commissions()] == [1_099, 549]
