"""The groups of staff: each may do its own work, and nobody pays alone."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from config.roles import ROLES, sync_groups
from members.models import User
from tests.cast import NOON, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def hired(db: None) -> dict[str, User]:
    sync_groups(at=NOON)
    people = {}
    for role in ROLES:
        user = staff(role)
        user.groups.set([Group.objects.get(name=role)])
        people[role] = User.objects.get(pk=user.pk)
    return people


def test_every_line_names_a_right() -> None:
    every = [
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.select_related("content_type")
    ]
    for lines in ROLES.values():
        for line in lines:
            assert any(fnmatchcase(name, line) for name in every), line


def test_written_twice_it_is_the_same_and_what_was_added_by_hand_is_gone() -> None:
    first = sync_groups(at=NOON)
    Group.objects.get(name="Operations").permissions.add(
        Permission.objects.get(codename="review_as_finance")
    )

    call_command("roles", verbosity=0)

    assert sync_groups(at=NOON) == first
    assert (
        not Group.objects.get(name="Operations")
        .permissions.filter(codename="review_as_finance")
        .exists()
    )


@pytest.mark.parametrize(
    ("right", "role"),
    [
        ("withdrawals.review_as_operations", "Operations"),
        ("withdrawals.review_as_finance", "Finance"),
        ("withdrawals.unmask_person", "Finance"),
        ("closing.post_documents", "Finance"),
        ("ledger.sign_period", "Finance"),
        ("commissions.change_plan", "Operations"),
        ("members.change_user", "Administrators"),
    ],
)
def test_each_right_over_money_is_of_one_role(
    hired: dict[str, User], right: str, role: str
) -> None:
    assert [name for name, user in hired.items() if user.has_perm(right)] == [role]


@pytest.mark.parametrize("role", ROLES)
def test_their_lists_open(hired: dict[str, User], role: str, settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = False
    client = Client()
    client.force_login(hired[role])
    for name in (
        "withdrawals_withdrawal",
        "risk_case",
        "members_member",
        "distribution_distributor",
    ):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200, name
    closed = client.get(reverse("admin:closing_difference_changelist")).status_code
    assert closed == (200 if role == "Finance" else 403)


def test_nobody_gets_more_rights_through_a_password_link(hired: dict[str, User]) -> None:
    client = Client()
    client.force_login(hired["Administrators"])
    User.objects.filter(pk=hired["Operations"].pk).update(is_active=False)  # a leaver
    for role in ("Finance", "Operations"):
        User.objects.filter(pk=hired[role].pk).update(email="mine@example.com")
        client.post(reverse("admin:members_user_password_link", args=[hired[role].pk]))
        assert mail.outbox == []
