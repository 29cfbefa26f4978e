"""A person who may change staff does not get both signatures: the last step is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common import clock
from common.errors import violated_constraint
from members.models import REVIEW_WAIT, Member, User
from members.rights import RightsBeyondOwn, change_rights, rights_changed_at
from members.staff import change_email
from tests.backoffice.desks import address
from tests.cast import LONG_AGO, NOON, give, link, staff
from tests.setting_forms import save_settings
from tests.withdrawals.admin.pages import (
    hidden_inputs,
    press,
    select,
    shown_hash,
    signed_in,
)
from tests.withdrawals.factories import picture
from withdrawals.models import Withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]

PASSWORD = "chosen-by-the-attacker-1"
TOO_EARLY = "不能审核或签字"
REVIEWS = ("review_as_operations", "review_as_finance", "view_withdrawal")


def save_user(client: Client, user: User, **given: Any) -> Any:
    page = reverse("admin:members_user_change", args=[user.pk])
    kept = {"is_active": "on", "is_staff": "on", "email": user.email}
    return client.post(page, {**kept, **given})


def ids(*codenames: str) -> list[int]:
    found = Permission.objects.filter(codename__in=codenames)
    return list(found.values_list("pk", flat=True))


def take_over(mailed: str) -> None:
    """Set a password through a link of a mail, as anybody who reads it."""
    link_ = re.search(r"http://testserver(/admin/password_reset/\S+)", mailed)
    assert link_
    client = Client()
    form = client.get(link_[1], follow=True)
    given = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(form.redirect_chain[-1][0], given).status_code == 302


def sign_in(username: str) -> Client:
    client = Client()
    page = reverse("admin:login")
    answer = client.post(page, {"username": username, "password": PASSWORD}, follow=True)
    assert answer.context["user"].username == username
    return client


def approve(client: Client, row: Withdrawal, seen_by: Client, role: str) -> str:
    content_hash = shown_hash(seen_by, row, f"approve_as_{role}")
    (message,) = press(client, row, f"approve_as_{role}", content_hash=content_hash)
    return message


def test_nobody_clears_their_link_to_review_their_own_money(
    as_ops: Client, qian: User, lan: Member, requested: Withdrawal
) -> None:
    link(qian, lan)
    give(qian, "change_user", "view_user")
    before = picture()

    save_user(as_ops, qian, member="")
    message = approve(as_ops, requested, as_ops, "operations")

    assert User.objects.get(pk=qian.pk).member == lan
    assert message.startswith("error")
    assert picture() == before


def test_an_account_of_ones_own_making_reviews_nothing(
    as_boss: Client, requested: Withdrawal
) -> None:
    before = picture()
    given = {"username": "puppet", "email": "me@example.com", "is_staff": "on"}
    as_boss.post(reverse("admin:members_user_add"), given)
    puppet = User.objects.get(username="puppet")
    take_over(str(mail.outbox[-1].body))
    assert save_user(as_boss, puppet, user_permissions=ids(*REVIEWS)).status_code == 302

    message = approve(sign_in("puppet"), requested, as_boss, "operations")

    assert TOO_EARLY in message
    assert picture() == before


def test_an_equals_account_gives_no_second_signature(
    as_boss: Client,
    boss: User,
    requested: Withdrawal,
    django_capture_on_commit_callbacks: Any,
) -> None:
    equal = User.objects.create_superuser(
        "equal", email="equal@example.com", may_review_from=LONG_AGO
    )
    approve(as_boss, requested, as_boss, "operations")
    before = picture()
    with django_capture_on_commit_callbacks(execute=True):
        save_user(as_boss, equal, is_superuser="on", email="me@example.com")
    assert mail.outbox[-1].to == ["equal@example.com"]  # the owner hears of it
    as_boss.post(reverse("admin:members_user_password_link", args=[equal.pk]))
    assert mail.outbox[-1].to == ["me@example.com"]
    take_over(str(mail.outbox[-1].body))

    message = approve(sign_in("equal"), requested, as_boss, "finance")

    assert TOO_EARLY in message
    assert picture() == before


@pytest.mark.parametrize("through", ["right", "group", "right of the group"])
def test_a_colleague_with_a_new_right_waits(
    as_boss: Client, requested: Withdrawal, through: str
) -> None:
    chen, group = give(staff("Chen"), "view_withdrawal"), Group.objects.create(name="运营")
    before = picture()
    page = reverse("admin:auth_group_change", args=[group.pk])
    rights = ids(*REVIEWS) if through == "group" else []
    save_settings(as_boss, page, {"name": "运营", "permissions": rights})
    if through == "right of the group":
        change_rights(user=chen, by=None, at=LONG_AGO, groups=[group])
        save_settings(as_boss, page, {"name": "运营", "permissions": ids(*REVIEWS)})
    elif through == "group":
        save_user(as_boss, chen, groups=[group.pk])
    else:
        save_user(as_boss, chen, user_permissions=ids(*REVIEWS))

    message = approve(signed_in(chen), requested, as_boss, "operations")

    assert TOO_EARLY in message
    assert picture() == before


def test_after_24_hours_they_review(as_boss: Client, requested: Withdrawal) -> None:
    chen = staff("Chen")
    rights = Permission.objects.filter(codename__in=REVIEWS)
    change_rights(user=chen, by=None, at=clock.now() - REVIEW_WAIT, user_permissions=rights)

    message = approve(signed_in(chen), requested, as_boss, "operations")

    assert message.startswith("success")


def test_a_batch_of_reviews_waits_too(
    as_boss: Client, as_ops: Client, qian: User, requested: Withdrawal
) -> None:
    seen = hidden_inputs(select(as_ops, "review_many", [requested]), "seen")
    save_user(as_boss, qian, user_permissions=ids(*REVIEWS, "view_tag"))
    before = picture()

    response = as_ops.post(
        address("operations_reviews"),
        {"action": "batch_confirm", "rows": requested.pk, "seen": seen, "control_total": "300"},
    )

    assert TOO_EARLY in response.text
    assert picture() == before


def test_sql_does_not_review_for_them_either(qian: User, requested: Withdrawal) -> None:
    change_rights(user=qian, by=None, at=clock.now(), is_superuser=True)
    before = picture()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Withdrawal.objects.filter(pk=requested.pk).update(
            status="ops_approved", ops_reviewer=qian, ops_reviewer_member=0,
            ops_reviewed_at=NOON, ops_content_hash=requested.content_hash,
        )  # fmt: skip
    assert violated_constraint(refused.value) == "review_too_early"
    assert picture() == before


def test_an_administrator_gives_no_right_that_they_lack(feng: User, qian: User) -> None:
    admin = give(qian, "change_user")
    rights, group = Permission.objects.filter(codename="add_tag"), Group.objects.create(name="x")
    group.permissions.set(rights)
    for target in (staff("Wu"), admin):
        for given in ({"user_permissions": rights}, {"groups": [group]}, {"is_superuser": True}):
            with pytest.raises(RightsBeyondOwn):
                change_rights(user=target, by=admin, at=NOON, **given)
        assert not target.user_permissions.filter(codename="add_tag").exists()
        assert not target.groups.exists()
    with pytest.raises(RightsBeyondOwn):
        change_rights(user=feng, by=admin, at=NOON, is_active=False)
    with pytest.raises(RightsBeyondOwn):
        change_email(user=feng, email="me@example.com", by=admin, at=NOON)
    feng.refresh_from_db()
    assert (feng.is_active, feng.email) == (True, "")


def test_an_administrator_gives_a_right_that_they_have(qian: User) -> None:
    admin, chen = give(qian, "change_user"), staff("Chen")
    with rights_changed_at(LONG_AGO):
        chen.user_permissions.set(Permission.objects.filter(codename="change_user"))
    rights = Permission.objects.filter(codename__in=["change_user", "review_as_operations"])
    change_rights(user=chen, by=admin, at=NOON, user_permissions=rights)
    assert set(chen.user_permissions.all()) == set(rights)
