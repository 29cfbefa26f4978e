from __future__ import annotations

from collections.abc import Iterator

import pytest

from members.models import Member, User
from tests.cast import member, staff
from tests.withdrawals import factories
from withdrawals import gateways
from withdrawals.gateways.sandbox import SandboxGateway


@pytest.fixture
def sandbox() -> Iterator[SandboxGateway]:
    """Return a sandbox provider for this test only."""
    gateways._create_gateway.cache_clear()
    gateway = gateways.gateway("sandbox")
    assert isinstance(gateway, SandboxGateway)
    yield gateway
    gateways._create_gateway.cache_clear()


@pytest.fixture
def lan(db: None) -> Member:
    """Return Lan, who earned 1,000 yuan and can be paid."""
    return factories.ready(member("Lan"), 1_000 * factories.YUAN)


@pytest.fixture
def qian(db: None) -> User:
    return factories.operations(staff("Qian"))


@pytest.fixture
def feng(db: None) -> User:
    return factories.finance(staff("Feng"))
