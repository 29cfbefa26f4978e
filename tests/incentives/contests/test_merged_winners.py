"""A member of a closed period is merged: the awards stay there, and the survivor gets what is due.

Lan has won, and goes on as Lena.
"""

from __future__ import annotations

from typing import Any

import pytest

from commissions.models import Boost
from distribution.models import Distributor, Level
from events.models import Event
from incentives.models import GiftTask, PeriodClosing, PointsFactor, Reward
from incentives.services.closing import confirm_closing, count_closing
from ledger.proof import differences
from members.models import Member
from promotions.models import CouponGrant
from tests.cast import member
from tests.incentives.contests.gifts_stage import tea
from tests.incentives.contests.pool_stage import CLOSES as MONTH_CLOSES
from tests.incentives.contests.pool_stage import NOVEMBER, pool, raise_to, stored
from tests.incentives.contests.stage import (
    CLOSES,
    PRICE,
    close,
    confirmer,
    contest,
    open_stage,
    prize,
    release,
    sell,
    winners,
)
from tests.incentives.engine.story import merge
from tests.incentives.offers import a_coupon
from tests.shop import DAY, distributor, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def lena(db: None) -> Member:
    open_stage()
    lena = member("Lena")
    distributor(lena)
    return lena


def thing(**fields: Any) -> Reward:
    return Reward(first_rank=1, last_rank=1, **fields)


def test_prizes_that_are_confirmed_later_go_to_the_survivor(lena: Member) -> None:
    gold = Level.objects.create(rank=8, name="Gold")
    contest(
        prize(10_000, 1),
        thing(kind="boost", rate=20_000, days=30),
        thing(kind="level", level=gold, days=30),
        thing(kind="factor", rate=20_000, days=30),
        thing(kind="coupon", coupon=a_coupon(per_member=60)),
        thing(kind="gift", gift=tea()),
        ties="each",
        budget_amount=9_000_000,
        confirm_above=1,
    )
    sell("Lan", PRICE, PRICE)
    release()
    closing = close()
    assert closing
    assert {status for *_, status in winners()} == {"waiting"}
    lan = member("Lan")

    merge(lan, lena)
    confirm_closing(closing=closing, by=confirmer(), at=CLOSES + DAY)
    close(CLOSES + DAY)

    assert {(who, status) for who, *_, status in winners()} == {("Lan", "granted")}
    assert (wallet_balance(lena), wallet_balance(lan)) == (10_000, 0)
    assert Boost.objects.get().distributor.member == lena
    assert PointsFactor.objects.get().member == lena
    assert CouponGrant.objects.get().member == lena
    assert Distributor.objects.get(member=lena).level == gold
    assert Distributor.objects.get(member=lan).level is None
    opened = Event.objects.get(name="incentives.gift_opened")
    assert (GiftTask.objects.get().award.member, opened.data["member"]) == (lan, lena.public_id)
    granted = Event.objects.filter(name="incentives.award_granted")
    assert {event.data["member"] for event in granted} == {lena.public_id}
    assert differences() == []


def test_what_a_survivor_cannot_have_is_refused(lena: Member) -> None:
    contest(
        prize(10_000, 1),
        thing(kind="boost", rate=20_000, days=30),
        ties="each",
        budget_amount=9_000_000,
        confirm_above=1,
    )
    sell("Lan", PRICE)
    release()
    closing = close()
    assert closing

    merge(member("Lan"), member("Nobody"))
    confirm_closing(closing=closing, by=confirmer(), at=CLOSES + DAY)
    close(CLOSES + DAY)

    assert [(given, status) for *_, given, status in winners()] == [
        (10_000, "granted"), (0, "refused"),
    ]  # fmt: skip
    assert not Boost.objects.exists()
    assert wallet_balance(member("Nobody")) == 10_000


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_pool_that_was_sealed_before_the_merge_is_shared_as_without_it(
    lena: Member, *, is_merged: bool
) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    version = pool(gold)
    raise_to(gold, "Lan", "Chen", "Lena")
    sell("Lan", 90_000)
    sell("Chen", 45_000)
    release()
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=NOVEMBER, closed_at=MONTH_CLOSES,
        status="counting",
    )  # fmt: skip
    if is_merged:
        merge(member("Lan"), lena)

    count_closing(closing=closing, at=MONTH_CLOSES)
    close(MONTH_CLOSES)

    assert [(who, due) for who, _, due, _, _ in winners()] == [("Lan", 900), ("Chen", 450)]
    assert stored().paid == stored().pool == 1_350
    assert wallet_balance(lena if is_merged else member("Lan")) == 900
