"""One incentive for both sides of a referral, as finance reads it: what each gets and gives back.

| who | gets | taken back by the refund |
|---|---|---|
| the referrer, with or without a code | ¥8.00 in cash, double points for 10 days | both |
| the friend | a coupon of ¥10.00 | yes, it is not used |
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from incentives.models import Award, Metric, PointsFactor, Policy, Reward
from ledger.models import Transfer
from ledger.proof import differences
from members.models import Member
from promotions.models import CouponGrant
from tests.cast import member
from tests.incentives.engine.story import RELEASED, awards, buy, complete_by, give_back
from tests.incentives.offers import a_coupon, published, reward
from tests.shop import DAY, make_referral, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RED_PACKET = 800
REFUNDED = RELEASED + DAY
NOTHING: list[tuple[str, int, int, str]] = []


def offer() -> None:
    """Publish it, in a shop that may pay cash to members who are no distributors."""
    Policy.objects.update(pays_members_cash=True)
    published(
        metric=Metric.REFERRED_BUYERS,
        min_amount=10_000,
        rewards=[
            reward(RED_PACKET),
            reward(kind="factor", rate=20_000, days=10),
            reward(kind="coupon", coupon=a_coupon(), side=Reward.Side.FRIEND),
        ],
    )


def cash_of(who: Member) -> list[tuple[str, str, int]]:
    """Return (from, to, fen) of what the award in cash moved."""
    award = Award.objects.get(member=who, asset="cash")
    moved = Transfer.objects.filter(key__startswith=f"award:{award.public_id}:").order_by("pk")
    return [(row.debit.kind, row.credit.kind, row.amount) for row in moved]


def double_points_of(who: Member) -> tuple[datetime, datetime]:
    factor = PointsFactor.objects.get(member=who)
    assert factor.rate == 20_000
    return factor.starts_at, factor.ends_at


def test_the_bringer_gets_cash_and_points_and_the_friend_a_coupon_until_the_refund(
    lan: Member, chen: Member
) -> None:
    """Chen has no code, Lan is a distributor; the friend of Chen is Dan, that of Lan is Eve."""
    offer()
    dan, eve = member("Dan"), member("Eve")
    make_referral(chen, dan)
    make_referral(lan, eve)
    orders = [buy(dan, "O-1"), buy(eve, "O-2")]

    for who in (chen, lan, dan, eve):
        assert awards(who) == NOTHING, "an order that is paid gives nothing yet"

    complete_by(RELEASED)

    for referrer, friend in ((chen, dan), (lan, eve)):
        assert awards(referrer) == [
            ("friend:cash", RED_PACKET, RED_PACKET, "granted"), ("friend:factor", 1, 1, "granted"),
        ]  # fmt: skip
        assert cash_of(referrer) == [("incentive_expense", "wallet", RED_PACKET)]
        assert wallet_balance(referrer) == RED_PACKET
        assert double_points_of(referrer) == (RELEASED, RELEASED + timedelta(days=10))
        assert awards(friend) == [("friend:coupon", 1, 1, "granted")]
        assert CouponGrant.objects.get(member=friend).revoked_at is None

    for order in orders:
        give_back(order, 10_990, quantity=1, at=REFUNDED, number=f"R-{order.number}")

    for referrer, friend in ((chen, dan), (lan, eve)):
        assert awards(referrer) == [
            ("friend:cash", 0, 0, "taken_back"), ("friend:factor", 0, 0, "taken_back"),
        ]  # fmt: skip
        assert cash_of(referrer) == [
            ("incentive_expense", "wallet", RED_PACKET),
            ("wallet", "incentive_expense", RED_PACKET),
        ]
        assert wallet_balance(referrer) == 0
        assert double_points_of(referrer) == (RELEASED, REFUNDED)
        assert awards(friend) == [("friend:coupon", 0, 0, "taken_back")]
        assert CouponGrant.objects.get(member=friend).revoked_at == REFUNDED
    assert differences() == []
