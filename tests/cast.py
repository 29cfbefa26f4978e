"""The people of the tests: the members Mei, Lan, Bo and Chen, and the staff Qian and Feng.

The fixtures here only let them join. Where a test needs it, Mei refers Lan and Lan refers Bo
(``tests.shop.open_shop``), while Chen is a stranger; Qian reviews for operations, Feng for finance
(``tests.withdrawals.factories``).
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission

from members.models import Identity, Member, User
from members.rights import rights_changed_at
from members.services import join
from members.staff import link_staff

NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CLOCK = datetime(2027, 11, 1, tzinfo=UTC)
"""The present time for order intake: later than everything that the tests tell."""


def member(name: str) -> Member:
    joined, _ = join(
        provider=Identity.Provider.MALL, external_id=name.lower(), nickname=name, at=NOON
    )
    return joined


def staff(name: str) -> User:
    """Return a staff user, created long before the test, so that they may review."""
    found = User.objects.filter(username=name.lower()).first()
    return found or User.objects.create_user(name.lower(), is_staff=True, may_review_from=LONG_AGO)


def link(user: User, person: Member) -> None:
    """Link a staff user to the member that they are, long before the test."""
    link_staff(user=user, member=person, at=LONG_AGO)
    user.refresh_from_db()


def give(user: User, *codenames: str) -> User:
    """Give a staff user these permissions too, long before the test."""
    added = Permission.objects.filter(codename__in=codenames)
    with rights_changed_at(LONG_AGO):
        user.user_permissions.add(*added)
    return User.objects.get(pk=user.pk)  # rights are cached


@pytest.fixture
def mei(db: None) -> Member:
    return member("Mei")


@pytest.fixture
def lan(db: None) -> Member:
    return member("Lan")


@pytest.fixture
def bo(db: None) -> Member:
    return member("Bo")


@pytest.fixture
def chen(db: None) -> Member:
    return member("Chen")


@pytest.fixture
def qian(db: None) -> User:
    return staff("Qian")


@pytest.fixture
def feng(db: None) -> User:
    return staff("Feng")
