"""An account that has just changed reviews and signs nothing for 24 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from commissions.models import Plan
from commissions.services.plans import draft, publish
from common import clock
from common.errors import violated_constraint
from config.roles import sync_groups
from events.models import Event
from ledger.models import Period
from ledger.services import sign_period
from members.models import REVIEW_WAIT, Member, StaffLinkProposal, User
from members.reviews import ReviewTooEarly, require_may_review
from members.rights import change_rights, rights_changed_at
from members.sign_in.second_factor import remove_second_factor
from members.staff import link_staff
from tests.cast import LONG_AGO, NOON
from tests.members.test_passwords import set_password
from tests.setting_forms import save_settings
from tests.shop import rule

pytestmark = pytest.mark.slow

OLD = "long-enough-9"
MINUTE = timedelta(minutes=1)


def may_review_from(user: User) -> datetime:
    return User.objects.values_list("may_review_from", flat=True).get(pk=user.pk)


def waits(user: User) -> bool:
    """Whether the wait has started just now. An account of the cast has waited long ago."""
    found = may_review_from(user)
    return abs(found - clock.now() - REVIEW_WAIT) < MINUTE


def save(client: Client, user: User, **given: Any) -> None:
    page = reverse("admin:members_user_change", args=[user.pk])
    kept = {"is_active": "on", "is_staff": "on", "email": user.email}
    assert client.post(page, {**kept, **given}).status_code == 302


def right(codename: str = "review_as_finance") -> Permission:
    return Permission.objects.get(codename=codename)


def save_group(client: Client, group: Group, *permissions: Permission) -> None:
    page = reverse("admin:auth_group_change", args=[group.pk])
    ids = [one.pk for one in permissions]
    given = {"name": group.name, "permissions": ids}
    assert save_settings(client, page, given).status_code == 302


@pytest.fixture
def qian(qian: User) -> User:
    qian.set_password(OLD)
    qian.save()
    return qian


def test_the_cast_does_not_wait(qian: User, boss: User) -> None:
    assert may_review_from(qian) == may_review_from(boss) == LONG_AGO


@pytest.mark.parametrize(
    "given",
    [{"email": "qian@example.com"}, {"is_superuser": "on"}],
    ids=["email", "superuser"],
)
def test_the_page_of_a_colleague(as_boss: Client, qian: User, given: dict[str, str]) -> None:
    save(as_boss, qian, **given)
    assert waits(qian)


def test_a_right_and_a_group(as_boss: Client, qian: User, feng: User) -> None:
    group = Group.objects.create(name="财务")
    save(as_boss, qian, user_permissions=[right().pk])
    save(as_boss, feng, groups=[group.pk])
    assert waits(qian)
    assert waits(feng)


def test_a_right_of_a_group_concerns_its_users(as_boss: Client, qian: User, feng: User) -> None:
    group = Group.objects.create(name="财务")
    change_rights(user=qian, by=None, at=LONG_AGO, groups=[group])
    save_group(as_boss, group, right())
    assert waits(qian)
    assert not waits(feng)


def test_an_account_that_is_active_again(as_boss: Client, qian: User) -> None:
    User.objects.filter(pk=qian.pk).update(is_active=False)
    assert not waits(qian)
    save(as_boss, qian)
    assert waits(qian)


def test_new_accounts(as_boss: Client) -> None:
    given = {"username": "wei", "email": "wei@example.com", "is_staff": "on"}
    as_boss.post(reverse("admin:members_user_add"), given)
    call_command("createsuperuser", "--noinput", username="root", email="", verbosity=0)
    assert waits(User.objects.get(username="wei"))
    assert waits(User.objects.get(username="root"))


def test_a_link(qian: User, mei: Member) -> None:
    link_staff(user=qian, member=mei, at=clock.now())
    assert waits(qian)


def _has_address(user: User) -> None:
    with rights_changed_at(LONG_AGO):
        User.objects.filter(pk=user.pk).update(email="qian@example.com")


def test_a_password_link_of_a_colleague_and_its_use(as_boss: Client, qian: User) -> None:
    _has_address(qian)
    as_boss.post(reverse("admin:members_user_password_link", args=[qian.pk]))
    assert waits(qian)


def test_a_reset_by_mail_and_not_the_request_of_a_stranger(client: Client, qian: User) -> None:
    _has_address(qian)
    client.post(reverse("admin_password_reset"), {"email": "qian@example.com"})
    assert not waits(qian)
    link = str(mail.outbox[0].body).split("http://testserver")[1].split()[0]
    assert set_password(link) == 302
    assert waits(qian)


def test_the_servers_command_for_a_password(qian: User) -> None:
    with patch("getpass.getpass", return_value="even-longer-10"):
        call_command("changepassword", "qian", verbosity=0)
    assert waits(qian)
    assert Event.objects.filter(name="members.password_reset", subject_id="qian").exists()


def test_a_second_factor_that_was_removed(boss: User, qian: User) -> None:
    qian.totpdevice_set.create(name="TOTP")
    remove_second_factor(user=qian, by=boss, at=clock.now(), reason="手机丢失")
    assert waits(qian)


def test_ones_own_password(as_qian: Client, qian: User) -> None:
    as_qian.force_login(qian)
    given = {"old_password": OLD, "new_password1": "even-longer-10"}
    given["new_password2"] = given["new_password1"]
    assert as_qian.post(reverse("admin:password_change"), given).status_code == 302
    assert not waits(qian)


def test_a_name_and_rights_taken_away(as_boss: Client, qian: User) -> None:
    change_rights(user=qian, by=None, at=LONG_AGO, user_permissions=[right()])
    save(as_boss, qian, first_name="钱")
    assert not qian.user_permissions.exists()
    assert not waits(qian)


def test_an_upgrade_of_the_roles(qian: User) -> None:
    group = Group.objects.create(name="Finance")
    change_rights(user=qian, by=None, at=LONG_AGO, groups=[group])
    sync_groups(at=clock.now())
    assert group.permissions.exists()
    assert not waits(qian)


def test_it_is_over_after_24_hours(qian: User) -> None:
    change_rights(user=qian, by=None, at=clock.now() - REVIEW_WAIT, user_permissions=[right()])
    require_may_review(qian.pk)
    change_rights(
        user=qian,
        by=None,
        at=clock.now() - REVIEW_WAIT + MINUTE,
        user_permissions=[right("add_tag")],
    )
    with pytest.raises(ReviewTooEarly):
        require_may_review(qian.pk)


def test_a_row_read_before_does_not_end_it(as_boss: Client, qian: User) -> None:
    before = User.objects.get(pk=qian.pk)
    save(as_boss, qian, user_permissions=[right().pk])
    before.save()
    assert waits(qian)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.user_permissions.add(right()),
        lambda user: user.groups.add(Group.objects.create(name="x")),
        lambda user: User.objects.filter(pk=user.pk).update(is_superuser=True),
    ],
    ids=["right", "group", "superuser"],
)
def test_no_verb_is_needed(qian: User, change: Callable[[User], object]) -> None:
    change(qian)
    assert waits(qian)


def test_a_signature_says_until_when(qian: User) -> None:
    change_rights(user=qian, by=None, at=clock.now(), user_permissions=[right()])
    month, at = NOON.date().replace(day=1), NOON + timedelta(days=40)
    with pytest.raises(ReviewTooEarly) as refused:
        sign_period(month=month, by=qian, at=at)
    until = may_review_from(qian).astimezone(clock.SHANGHAI)
    assert f"{until:%Y-%m-%d %H:%M}" in str(refused.value)
    assert not Period.objects.exists()


def test_an_editor_counts_for_a_plan(qian: User, feng: User) -> None:
    plan = draft(name="x", by=qian, at=NOON, rules=[rule()])
    change_rights(user=qian, by=None, at=clock.now(), user_permissions=[right()])
    with pytest.raises(ReviewTooEarly):
        publish(plan=plan, by=feng, at=NOON)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(
            status="published", number=1, published_by=feng, published_at=NOON
        )
    assert violated_constraint(refused.value) == "review_too_early"
    plan.refresh_from_db()
    assert plan.status == "draft"


def test_every_review_is_guarded(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname IN ('no_early_review', 'no_early_publication') AND tgenabled <> 'D'"
        )
        guarded = {table for (table,) in cursor.fetchall()}
    assert guarded >= {
        "closing_adjustment", "closing_treasurydocument", "commissions_plan", "ledger_period",
        "members_membermerge", "members_stafflinkproposal", "orders_closuredecision",
        "orders_orderconflict", "commissions_conflictacceptance", "withdrawals_manualresolution",
        "withdrawals_withdrawal",
    }  # fmt: skip


def test_the_database_refuses_an_account_that_waits(boss: User, qian: User, mei: Member) -> None:
    link = {"user": qian, "member": mei, "reason": "x", "proposed_at": NOON}
    new = User.objects.create_superuser("new")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        StaffLinkProposal.objects.create(**link, proposer=new, proposer_member=0)
    assert violated_constraint(refused.value) == "review_too_early"
    StaffLinkProposal.objects.create(**link, proposer=boss, proposer_member=0)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        StaffLinkProposal.objects.update(
            status="agreed", decider=new, decider_member=0, decided_at=NOON
        )
    assert violated_constraint(refused.value) == "review_too_early"
