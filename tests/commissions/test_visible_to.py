"""Who may see which commissions."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from commissions.models import Commission
from members.models import Member, User
from tests.shop import ingest, open_shop, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo() -> Member:
    """Has an order that earns Lan tier 1 and Mei tier 2."""
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


def user_of(nickname: str) -> User:
    member = Member.objects.get(nickname=nickname)
    return User.objects.create_user(nickname.lower(), member=member)


def allow(person: User) -> User:
    person.user_permissions.add(Permission.objects.get(codename="view_commission"))
    return User.objects.get(pk=person.pk)


def tiers(person: User | AnonymousUser) -> list[int]:
    visible = Commission.objects.visible_to(person)
    return sorted(visible.values_list("tier", flat=True))


@pytest.mark.parametrize("with_permission", [False, True])
def test_a_distributor_sees_their_own_commissions_only(bo: Member, with_permission: bool) -> None:
    lan = user_of("Lan")
    if with_permission:  # permissions count for staff only
        lan = allow(lan)

    assert tiers(lan) == [1]


def test_the_upline_sees_their_own_tier_only(bo: Member) -> None:
    assert tiers(user_of("Mei")) == [2]


def test_a_buyer_sees_none(bo: Member) -> None:
    assert tiers(user_of("Bo")) == []


def test_staff_with_the_permission_see_all(bo: Member, qian: User) -> None:
    assert tiers(allow(qian)) == [1, 2]


def test_staff_without_the_permission_see_none(bo: Member, qian: User) -> None:
    assert tiers(qian) == []


def test_an_anonymous_visitor_sees_none(bo: Member) -> None:
    assert tiers(AnonymousUser()) == []
