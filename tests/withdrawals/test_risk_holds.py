"""A withdrawal held by risk waits for a person; one blocked by risk cannot be requested."""

from __future__ import annotations

import pytest

from members.models import Member, User
from risk.models import Case, Hold, Rule
from risk.services import change_rule, release
from tests.withdrawals.factories import NOW, YUAN, asked, cash, operations, picture, ready
from withdrawals.errors import Blocked
from withdrawals.models import RejectionReason
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    quote,
    reject,
    set_payee,
    start_payout,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(lan: Member, chen: Member) -> Member:
    """Return Lan with the same account as Chen."""
    set_payee(member=ready(chen), channel="wechat", account="openid-of-lan", at=NOW)
    return lan


def test_a_held_withdrawal_waits_for_its_release(shared: Member, qian: User, feng: User) -> None:
    withdrawal = asked(shared, 300 * YUAN)
    before = picture()

    with pytest.raises(Blocked) as refusal:
        approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    assert (refusal.value.data["blockers"], picture()) == (["risk_hold"], before)
    assert Case.objects.count() == 1

    release(hold=Hold.objects.get(), by=qian, at=NOW, reason="They are a couple")
    approve_as_operations(withdrawal=withdrawal, by=qian, at=NOW)
    approve_as_finance(withdrawal=withdrawal, by=feng, at=NOW)
    assert start_payout(withdrawal=withdrawal, at=NOW)


def test_a_held_withdrawal_can_be_rejected(shared: Member, qian: User) -> None:
    withdrawal = asked(shared, 300 * YUAN)
    odd = RejectionReason.objects.create(code="odd", label="Odd")

    reject(withdrawal=withdrawal, by=qian, at=NOW, reason=odd)

    assert cash(shared) == (100_000, 0, 0)


def test_a_withdrawal_blocked_by_risk_cannot_be_requested(shared: Member, qian: User) -> None:
    change_rule(
        rule=Rule.objects.get(name="shared_payee"), by=operations(qian), at=NOW, effect="block"
    )
    before = picture()

    assert [blocker.code for blocker in quote(member=shared, amount=100, at=NOW).blockers] == [
        "risk_block"
    ]
    with pytest.raises(Blocked):
        asked(shared, 300 * YUAN)
    assert picture() == before
