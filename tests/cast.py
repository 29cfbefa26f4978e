"""The people of the tests: the members Mei, Lan, Bo and Chen, and the staff Qian and Feng.

The fixtures here only let them join. Where a test needs it, Mei refers Lan and Lan refers Bo
(``tests.shop.open_shop``), while Chen is a stranger; Qian reviews for operations, Feng for finance
(``tests.withdrawals.factories``).
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from members.models import Identity, Member, User
from members.services import join

NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai
CLOCK = datetime(2027, 11, 1, tzinfo=UTC)
"""The present time for order intake: later than everything that the tests tell."""


def member(name: str) -> Member:
    joined, _ = join(
        provider=Identity.Provider.MALL, external_id=name.lower(), nickname=name, at=NOON
    )
    return joined


def staff(name: str) -> User:
    found = User.objects.filter(username=name.lower()).first()
    return found or User.objects.create_user(name.lower(), is_staff=True)


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
