from __future__ import annotations

from collections.abc import Iterator

import pytest

from members.models import Member, User
from tests.cast import member, staff
from tests.withdrawals import purse
from withdrawals import gateways
from withdrawals.gateways.sandbox import SandboxGateway


@pytest.fixture
def sandbox() -> Iterator[SandboxGateway]:
    """A provider of this test alone."""
    gateways._made.cache_clear()
    found = gateways.gateway("sandbox")
    assert isinstance(found, SandboxGateway)
    yield found
    gateways._made.cache_clear()


@pytest.fixture
def lan(db: None) -> Member:
    """She has earned 1,000 yuan and can be paid."""
    return purse.ready(member("Lan"), 1_000 * purse.YUAN)


@pytest.fixture
def qian(db: None) -> User:
    return purse.operations(staff("Qian"))


@pytest.fixture
def feng(db: None) -> User:
    return purse.finance(staff("Feng"))
