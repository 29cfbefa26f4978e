from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from members.models import Member, User
from tests.cast import staff
from tests.withdrawals.admin.pages import signed_in
from tests.withdrawals.factories import NOW, YUAN, approved, asked, finance, may
from withdrawals.models import Withdrawal
from withdrawals.services import claim_manual_payouts


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
