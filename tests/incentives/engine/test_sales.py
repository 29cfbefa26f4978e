"""Distributors keep what they sold when buyers are rebound, and when accounts are merged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Distributor
from distribution.services import leave, reassign
from incentives.metrics.facts import person
from incentives.metrics.people import person_ids
from incentives.metrics.sales import own_orders, sold_before
from incentives.models import Metric
from members.models import Member
from orders.models import Attribution, Policy
from tests.cast import NOON, member, staff
from tests.incentives.engine.story import (
    MERGED,
    RELEASED,
    awards,
    buy,
    complete_by,
    give_back,
    merge,
)
from tests.incentives.offers import published
from tests.shop import DAY, distributor, make_referral

pytestmark = pytest.mark.django_db


def by_a_scan(seller: Member) -> set[str]:
    """Return the numbers of what a person sold, from all attributions of the shop."""
    rows = Attribution.objects.filter(
        tier1__member__in=person_ids([seller.pk]), tier1_reason="upline"
    )
    return set(rows.values_list("order__number", flat=True))


def sold(seller: Member) -> set[str]:
    found = own_orders(person_ids([seller.pk])).values_list("order__number", flat=True)
    assert set(found) == by_a_scan(seller)
    assert len(found) == len(set(found)), "each once"
    return set(found)


def had_sold(seller: Member) -> bool:
    """Return whether a person had sold anything completed to somebody else."""
    known = sold_before(person_ids([seller.pk]), MERGED + 90 * DAY)
    rows = Attribution.objects.filter(
        tier1__member__in=person_ids([seller.pk]), tier1_reason="upline",
        order__completed_at__isnull=False,
    )  # fmt: skip
    others = rows.annotate(buyer=person("order__buyer")).exclude(buyer=seller.pk)
    assert known == ({seller.pk} if others.exists() else set())
    return bool(known)


def of(who: Member) -> Distributor:
    return Distributor.objects.get(member=who)


def test_orders_placed_before_a_reassignment_stay_with_the_first_distributor(
    mei: Member, lan: Member, bo: Member
) -> None:
    buy(bo, "O-1")
    reassign(member=bo, to=of(mei), by=staff("Qian"), at=NOON + 3 * DAY, reason="asked for it")
    buy(bo, "O-2", day=5)
    complete_by(RELEASED + 5 * DAY)

    assert (sold(lan), sold(mei)) == ({"O-1"}, {"O-2"})
    assert had_sold(lan)
    assert had_sold(mei)


@pytest.mark.slow
def test_a_buyer_who_left_and_came_back_counts_once(lan: Member, bo: Member) -> None:
    buy(bo, "O-1")
    leave(member=bo, by=bo, at=NOON + 2 * DAY, reason="no more messages")
    buy(bo, "O-2", day=3)
    reassign(member=bo, to=of(lan), by=staff("Qian"), at=NOON + 4 * DAY, reason="asked for it")
    buy(bo, "O-3", day=5)

    assert sold(lan) == {"O-1", "O-3"}
    assert not had_sold(lan), "nothing is completed yet"


@pytest.mark.slow
@pytest.mark.parametrize("to_self", [False, True])
def test_own_purchases_are_no_sales(mei: Member, lan: Member, bo: Member, *, to_self: bool) -> None:
    if to_self:
        Policy.objects.update(self_purchase=Policy.SelfPurchase.SELF)
    buy(lan, "O-1")
    complete_by(RELEASED)

    assert sold(lan) == set()
    assert not had_sold(lan)
    assert sold(mei) == (set() if to_self else {"O-1"})


@pytest.mark.slow
def test_a_merged_distributor_sold_for_the_survivor(lan: Member, bo: Member) -> None:
    lin, dan = member("Lin"), member("Dan")
    distributor(lin)
    make_referral(lin, dan)
    buy(bo, "O-1")
    buy(dan, "O-2")
    complete_by(RELEASED)
    merge(lin, lan)
    buy(dan, "O-3", placed_at=MERGED + DAY)

    assert sold(lan) == {"O-1", "O-2", "O-3"}
    assert had_sold(lan)


@pytest.mark.slow
def test_who_is_merged_with_the_only_buyer_had_sold_nothing(lan: Member) -> None:
    second = member("Second")
    make_referral(lan, second)
    buy(second, "O-1")
    complete_by(RELEASED)
    assert had_sold(lan)

    merge(second, lan)

    assert sold(lan) == {"O-1"}
    assert not had_sold(lan)


@pytest.mark.slow
def test_a_merged_buyer_keeps_the_distributor_of_older_orders(lan: Member, bo: Member) -> None:
    dan = member("Dan")
    buy(bo, "O-1")
    complete_by(RELEASED)
    merge(bo, dan)

    assert sold(lan) == {"O-1"}
    assert had_sold(lan)


@pytest.mark.slow
def test_the_next_sale_takes_the_place_of_a_returned_one_after_a_reassignment(
    mei: Member, lan: Member, bo: Member
) -> None:
    published(metric=Metric.FIRST_SALE)
    first = buy(bo, "O-1")
    buy(bo, "O-2", placed_at=NOON + 2 * DAY + timedelta(hours=1))
    reassign(member=bo, to=of(mei), by=staff("Qian"), at=NOON + 3 * DAY, reason="asked for it")
    complete_by(RELEASED + 5 * DAY)

    give_back(first, 10_990, quantity=1, at=RELEASED + 6 * DAY)

    assert awards(lan) == [
        ("O-1:cash", 0, 0, "taken_back"), ("O-2:cash", 1_000, 1_000, "granted"),
    ]  # fmt: skip
    assert awards(mei) == []
