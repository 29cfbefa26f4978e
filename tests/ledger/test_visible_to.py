"""Who may see which transfers."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from ledger.chart import Kind
from ledger.models import Transfer
from members.models import Member, User
from tests.ledger.money import cash, earn, move


def allow(user: User) -> User:
    user.user_permissions.add(Permission.objects.get(codename="view_transfer"))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def transfers(mei: Member, lan: Member) -> dict[str, Transfer]:
    return {
        "mei": earn(mei, 500, "mei"),
        "hold": move("hold", cash(mei), cash(mei, Kind.HELD), 200, reason="hold"),
        "lan": earn(lan, 500, "lan"),
    }


def visible(person: User | AnonymousUser) -> set[str]:
    return set(Transfer.objects.visible_to(person).values_list("key", flat=True))  # type: ignore[attr-defined]


def test_staff_with_the_permission_see_all_transfers(
    transfers: dict[str, Transfer], qian: User
) -> None:
    assert visible(allow(qian)) == {"mei", "hold", "lan"}


def test_staff_without_the_permission_see_none(transfers: dict[str, Transfer], qian: User) -> None:
    assert visible(qian) == set()


@pytest.mark.parametrize("with_permission", [False, True])
def test_a_member_sees_the_transfers_of_their_own_accounts_only(
    transfers: dict[str, Transfer], mei: Member, with_permission: bool
) -> None:
    user = User.objects.create_user("mei", member=mei)
    if with_permission:  # permissions count for staff only
        user = allow(user)

    assert visible(user) == {"mei", "hold"}


def test_an_anonymous_user_sees_none(transfers: dict[str, Transfer]) -> None:
    assert visible(AnonymousUser()) == set()
