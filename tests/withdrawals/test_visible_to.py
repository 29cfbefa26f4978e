"""``visible_to`` returns a person's own withdrawals and payees, and all of them to staff."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from members.models import Member, User
from tests.cast import member
from tests.withdrawals.factories import asked, may, ready
from withdrawals.models import Payee, Withdrawal

MODELS = [(Withdrawal, "view_withdrawal"), (Payee, "view_payee")]
pytestmark = [pytest.mark.django_db, pytest.mark.parametrize(("model", "permission"), MODELS)]
Model = type[Withdrawal] | type[Payee]


@pytest.fixture(autouse=True)
def rows(lan: Member) -> None:
    asked(lan, 10_000)
    asked(ready(member("Bo"), 20_000), 10_000)


def members(model: Model, person: User | AnonymousUser) -> set[int]:
    rows = model.objects.visible_to(person)
    return set(rows.values_list("member", flat=True))


def test_a_member_sees_only_their_own(lan: Member, model: Model, permission: str) -> None:
    user = may(User.objects.create(username="lan", member=lan), permission)

    assert members(model, user) == {lan.pk}


def test_staff_with_the_permission_see_all(
    lan: Member, qian: User, model: Model, permission: str
) -> None:
    assert len(members(model, may(qian, permission))) == 2


def test_staff_without_the_permission_see_nothing(
    qian: User, model: Model, permission: str
) -> None:
    qian.user_permissions.clear()

    assert members(model, User.objects.get(pk=qian.pk)) == set()


def test_an_anonymous_visitor_sees_nothing(model: Model, permission: str) -> None:
    assert members(model, AnonymousUser()) == set()
