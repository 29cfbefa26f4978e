"""The shop is open: Mei referred Lan, and Lan referred Bo."""

from __future__ import annotations

import pytest

from members.models import Member
from tests.cast import member
from tests.shop import make_referral, open_shop


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def mei(bo: Member) -> Member:
    return Member.objects.get(nickname="Mei")


@pytest.fixture
def dan(lan: Member) -> Member:
    """Another friend of Lan's."""
    friend = member("Dan")
    make_referral(lan, friend)
    return friend
