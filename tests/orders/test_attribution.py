"""The attribution is decided as of placement, however late the order arrives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Category
from distribution.models import Binding, Distributor, Policy, Source
from distribution.services import change_status, exit_distributor, leave
from members.models import Member, User
from orders.models import Policy as OrderPolicy
from tests.cast import NOON, member
from tests.distribution.people import end_bindings
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    distributor,
    get_order,
    ingest,
    line,
    make_referral,
    order,
    plan,
    referral_chain,
    rule,
    sku,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> list[Member]:
    """Mei referred Lan, Lan referred Bo, Bo referred Chen: all but Chen are distributors."""
    sku()
    plan()
    return referral_chain("Mei", "Lan", "Bo", "Chen")


def payees(number: str = "O-1") -> list[str]:
    return [row[2] for row in commissions(number)]


@pytest.mark.parametrize("recorded", [False, True], ids=["behind", "recorded"])
def test_orders_around_an_exit_are_paid_as_of_their_placement(
    people: list[Member], qian: User, *, recorded: bool
) -> None:
    _mei, lan, bo, chen = people
    exit_distributor(distributor=lan.distributor, by=qian, at=PLACED + DAY, reason="They asked")
    if recorded:
        end_bindings()

    ingest(
        order(bo, number="O-1"),
        order(bo, number="O-2", placed_at=PLACED + 2 * DAY),
        order(chen, number="O-3"),
        order(chen, number="O-4", placed_at=PLACED + 2 * DAY),
        at=PLACED + 3 * DAY,
    )

    assert [payees(f"O-{number}") for number in (1, 2, 3, 4)] == [
        ["Lan", "Mei"], [], ["Bo", "Lan"], ["Bo"],
    ]  # fmt: skip


def test_two_tiers_above_the_buyer_are_paid_and_never_a_third(people: list[Member]) -> None:
    ingest(order(people[3]))

    assert payees() == ["Bo", "Lan"]


def test_a_distributors_own_order_pays_their_upline(people: list[Member]) -> None:
    ingest(order(people[2]))

    assert payees() == ["Lan", "Mei"]


def test_with_the_self_purchase_policy_a_distributors_own_order_pays_them(
    people: list[Member],
) -> None:
    OrderPolicy.objects.update(self_purchase="self")

    ingest(order(people[2]), order(people[3], number="O-2"))

    assert payees() == ["Bo", "Lan"]
    assert payees("O-2") == ["Bo", "Lan"]


def test_an_order_of_a_buyer_without_upline_pays_nobody(people: list[Member]) -> None:
    ingest(order(people[0]))

    assert payees() == []
    assert get_order().attribution.tier1_reason == "no_upline"


def test_tier_1_inactive_earns_nothing_and_tier_2_does_not_move_up(
    people: list[Member], qian: User
) -> None:
    bo = people[2].distributor
    change_status(distributor=bo, to=Distributor.Status.SUSPENDED, by=qian, at=NOON, reason="检查")

    ingest(order(people[3]))

    assert [row[1:3] for row in commissions()] == [(2, "Lan")]


def test_status_is_as_of_placement(people: list[Member], qian: User) -> None:
    for to, at in (("frozen", PLACED + DAY), ("active", PLACED + 3 * DAY)):
        change_status(
            distributor=people[2].distributor, to=Distributor.Status(to), by=qian, at=at,
            reason="检查",
        )  # fmt: skip

    ingest(order(people[3], number="before"))
    ingest(order(people[3], number="while", placed_at=PLACED + 2 * DAY))
    ingest(order(people[3], number="after", placed_at=PLACED + 4 * DAY))

    assert payees("before") == ["Bo", "Lan"]
    assert payees("while") == ["Lan"]
    assert payees("after") == ["Bo", "Lan"]


def test_an_upline_that_changes_between_order_and_payment_changes_nothing(
    people: list[Member],
) -> None:
    chen = people[3]
    ingest(order(chen, paid=False))
    leave(member=chen, by=chen, at=PLACED + DAY, reason="不再联系")
    make_referral(people[0], chen, at=PLACED + 2 * DAY)

    ingest(order(chen))
    ingest(order(chen, number="O-2", placed_at=PLACED + 3 * DAY))

    assert payees() == ["Bo", "Lan"]
    assert payees("O-2") == ["Mei"]


def test_a_late_order_uses_the_upline_at_placement(people: list[Member]) -> None:
    chen = people[3]
    leave(member=chen, by=chen, at=PLACED + DAY, reason="不再联系")
    make_referral(people[0], chen, at=PLACED + 2 * DAY)

    ingest(order(chen, number="late"))
    ingest(order(chen, number="between", placed_at=PLACED + DAY + timedelta(hours=1)))

    assert payees("late") == ["Bo", "Lan"]
    assert payees("between") == []


def test_an_order_before_the_binding_pays_nobody(people: list[Member]) -> None:
    ingest(order(people[3], placed_at=NOON - DAY))

    assert payees() == []


def test_a_later_plan_applies_to_later_orders_only(people: list[Member]) -> None:
    ingest(order(people[3], paid=False))
    plan(rule(2_000, 1_000), at=PLACED + DAY)

    ingest(order(people[3]))
    ingest(order(people[3], number="late"))
    ingest(order(people[3], number="new", placed_at=PLACED + DAY))

    assert [row[3] for row in commissions()] == [1099, 549]
    assert [row[3] for row in commissions("late")] == [1099, 549]
    assert [row[3] for row in commissions("new")] == [2198, 1099]


def test_the_referrer_of_an_order_binds_first_as_of_its_placement(people: list[Member]) -> None:
    stranger = member("Wang")

    ingest(replace(order(stranger), referrer="bo"))

    assert payees() == ["Bo", "Lan"]
    binding = Binding.objects.get(member=stranger)
    assert (binding.source, binding.started_at) == (Source.ORDER, PLACED)
    assert (binding.evidence_kind, binding.evidence_id) == ("orders.order", get_order().public_id)


def test_the_referrer_of_an_order_does_not_replace_an_upline(people: list[Member]) -> None:
    ingest(replace(order(people[3]), referrer="mei"))

    assert payees() == ["Bo", "Lan"]


def test_buying_through_your_own_link_binds_nobody(people: list[Member]) -> None:
    ingest(replace(order(people[0]), referrer="mei"))

    assert payees() == []


def test_with_binding_at_first_order_the_first_order_pays(people: list[Member]) -> None:
    Policy.objects.update(binding_trigger="first_order")
    stranger = member("Wang")
    assert make_referral(people[2], stranger, at=NOON).outcome == "first_order"

    ingest(order(stranger))

    assert payees() == ["Bo", "Lan"]


def test_a_distributor_enrolled_after_the_order_is_not_paid(db: None) -> None:
    sku()
    plan()
    mei, lan = member("Mei"), member("Lan")
    distributor(mei, at=PLACED + DAY)
    assert make_referral(mei, lan, at=PLACED).outcome == "not_active"

    ingest(order(lan))

    assert payees() == []


def test_a_late_order_uses_the_category_at_placement(people: list[Member]) -> None:
    cream = sku("cream", category="skin").product
    plan(
        rule(1_000, None),
        rule(2_000, None, layer="category", category=cream.category),
        at=NOON + timedelta(minutes=1),
    )
    before = timezone.now()
    cream.category = Category.objects.get(code="beauty")
    cream.save()

    ingest(
        order(people[3], line("cream", price=10_000), placed_at=before, number="O-1"),
        order(people[3], line("cream", price=10_000), placed_at=timezone.now(), number="O-2"),
    )

    assert [row[3] for row in commissions("O-1")] == [2_000]
    assert [row[3] for row in commissions("O-2")] == [1_000]
