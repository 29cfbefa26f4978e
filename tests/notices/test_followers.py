"""Decisions and payouts reach their member as notices, and nobody else."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from commissions.models import Claim
from commissions.services import answer_claim
from common import clock
from distribution.models import Application
from distribution.services import apply, approve, reject
from members.models import Member, User
from notices.models import Notice
from tests.api.phone import Phone
from tests.cast import NOON, give
from tests.commissions.member_events import HALF, deliver_all, settled, tell
from tests.distribution.people import REASON
from tests.shop import DAY
from tests.withdrawals.factories import (
    NOW,
    YUAN,
    approved,
    asked,
    finance,
    operations,
    ready,
)
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.services import claim_manual_payouts, mark_paid
from withdrawals.services import reject as reject_withdrawal

pytestmark = pytest.mark.django_db


def told(who: Member) -> dict[str, tuple[str, dict[str, str]]]:
    """Return body and target of a member's notices by kind, as the phone shows them."""
    deliver_all()
    rows = Phone(who).get("/notices").json()["results"]
    return {row["kind"]: (row["body"], row["target"]) for row in rows}


def test_each_upline_reads_its_own_clawback() -> None:
    tell(settled(), HALF)
    lan, mei = (Member.objects.get(nickname=name) for name in ("Lan", "Mei"))

    body, target = told(lan)["clawed_back"]
    assert "5.49" in body or "5.50" in body
    assert target == {"kind": "commissions", "id": ""}
    assert told(mei)["clawed_back"][0] != body
    assert "clawed_back" not in told(Member.objects.get(nickname="Bo"))


def test_a_rejected_withdrawal_is_told(lan: Member, chen: Member, qian: User) -> None:
    row = asked(ready(lan, 1_000 * YUAN), 300 * YUAN)
    reason = RejectionReason.objects.create(code="odd", label="Looks odd")
    reject_withdrawal(withdrawal=row, by=operations(qian), reason=reason, note="Looks odd", at=NOW)

    assert told(lan) == {
        "withdrawal_rejected": (
            "Your withdrawal of 300.00 yuan was rejected. The money is back in your wallet.",
            {"kind": "withdrawal", "id": row.public_id},
        )
    }
    assert told(chen) == {}


def test_an_approved_and_paid_withdrawal_is_told(
    lan: Member, qian: User, feng: User, settings: LazySettings
) -> None:
    settings.PAYOUT_GATEWAY = "manual"
    ready(lan, 1_000 * YUAN)
    row = approved(lan, 300 * YUAN, operations(qian), finance(feng))
    [attempt] = claim_manual_payouts(withdrawals=[row], by=feng, at=NOW)
    mark_paid(attempt=attempt, voucher=b"%PDF-1.7 paid", by=feng, at=NOW + DAY)

    notices = told(lan)
    assert set(notices) == {"withdrawal_approved", "withdrawal_paid"}
    net = Withdrawal.objects.get().net
    assert f"{net / 100:.2f}" in notices["withdrawal_paid"][0]


def test_an_approved_application_is_told(mei: Member, qian: User) -> None:
    approve(application=apply(member=mei, at=NOON), by=qian, at=NOON + DAY)

    assert told(mei)["application_approved"] == (
        "You are a distributor now.", {"kind": "application", "id": ""},
    )  # fmt: skip


def test_a_rejected_application_is_told_without_its_reason(mei: Member, qian: User) -> None:
    row: Application = apply(member=mei, at=NOON)
    reject(application=row, by=qian, at=NOON + DAY, reason=REASON)

    body, _target = told(mei)["application_rejected"]
    assert REASON not in body
    assert Notice.objects.get(kind="application_rejected").data == {}


def test_an_answered_claim_is_told_to_who_opened_it(qian: User) -> None:
    settled()
    lan, mei = (Member.objects.get(nickname=name) for name in ("Lan", "Mei"))
    phone = Phone(lan)
    phone.post("/distributor/claims", {"order_no": "O-404", "reason": "missing", "text": "Bo."})
    claim = Claim.objects.get()
    answer_claim(
        claim=claim, by=give(qian, "change_claim"), at=clock.now(),
        outcome=Claim.Status.REJECTED, answer="Bo paid with a gift card.",
    )  # fmt: skip

    assert told(lan)["claim_answered"] == (
        "Your claim about order O-404 was answered.", {"kind": "claim", "id": claim.public_id},
    )  # fmt: skip
    assert "claim_answered" not in told(mei)
