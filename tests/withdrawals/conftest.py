from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from members.models import Member, User
from tests.cast import member, staff
from tests.withdrawals import factories
from tests.withdrawals.backoffice import signed_in
from tests.withdrawals.factories import NOW, YUAN, approved, asked, finance, may
from withdrawals import gateways
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Withdrawal
from withdrawals.services import claim_manual_payouts


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


@pytest.fixture
def as_ops(qian: User) -> Client:
    return signed_in(may(qian, "view_withdrawal"))


@pytest.fixture
def as_fin(feng: User) -> Client:
    return signed_in(may(feng, "view_withdrawal"))


@pytest.fixture
def requested(lan: Member) -> Withdrawal:
    return asked(lan, 300 * YUAN)


@pytest.fixture
def manual_gateway(settings: LazySettings) -> None:
    settings.PAYOUT_GATEWAY = "manual"


@pytest.fixture
def claimed(manual_gateway: None, lan: Member, qian: User, feng: User) -> Withdrawal:
    row = approved(lan, 300 * YUAN, qian, feng)
    claim_manual_payouts(withdrawals=[row], by=feng, at=NOW)
    row.refresh_from_db()
    return row


@pytest.fixture
def wei(db: None) -> User:
    return may(finance(staff("Wei")), "view_withdrawal", "view_manualresolution", "unmask_person")


@pytest.fixture
def as_wei(wei: User) -> Client:
    return signed_in(wei)


@pytest.fixture
def as_feng(feng: User) -> Client:
    return signed_in(may(feng, "view_withdrawal", "view_manualresolution", "unmask_person"))
