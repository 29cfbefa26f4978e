"""Somebody in the back office, and something in every list."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from commissions.models import Plan
from commissions.services import draft
from members.models import Member, User
from tests.cast import NOON, member
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    chain,
    editor,
    line,
    order,
    plan,
    put,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture(autouse=True)
def no_static_files(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = False


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="boss")


@pytest.fixture
def as_boss(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def begun(db: None) -> Plan:
    sku()
    sku("soap", category="bath")
    return draft(name="双十一", by=editor(), at=NOON, rules=[rule(1_000, 825)])


@pytest.fixture
def bo(begun: Plan) -> Member:
    """Something in every list: credited and taken back, waiting, held."""
    plan()
    buyer = chain("Mei", "Lan", "Bo")[-1]
    put(order(buyer, number="O-1", received=True))
    settle_all(at=RELEASED)
    back = refund(3_663, at=RELEASED + DAY)
    put(with_refund(order(buyer, number="O-1", received=True), back), at=RELEASED + DAY)
    put(order(buyer, line(quantity=2), line("soap", number=2), number="O-2", received=True))
    asked = refund(100, number="R-2", done=False)
    put(with_refund(order(buyer, number="O-3", received=True), asked))
    put(order(member("Chen"), number="O-4", paid=False))
    return buyer
