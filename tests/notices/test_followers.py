"""Decisions and payouts reach their member as notices, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from commissions.models import Claim
from commissions.services import answer_claim
from common import clock
from distribution.models import Application
from distribution.services import apply, approve, reject
from members.models import Member, User
from notices.models import Notice
from notices.scenes import fields_of
from tests.api.phone import Phone
from tests.cast import NOON, give
from tests.commissions.member_events import HALF, deliver_all, settled, tell
from tests.distribution.people import REASON
from tests.shop import DAY
from tests.withdrawals.factories import (
    NOW,
    SOON,
    YUAN,
    approved,
    asked,
    attempted,
    finance,
    operations,
    ready,
)
from withdrawals import gateways
from withdrawals.gateways.base import State
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.services import (
    claim_manual_payouts,
    mark_paid,
    process_due_attempts,
    start_payout,
)
from withdrawals.services import reject as reject_withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SandboxGateway]:
    gateways._create_gateway.cache_clear()
    gateway = gateways.gateway("sandbox")
    assert isinstance(gateway, SandboxGateway)
    yield gateway
    gateways._create_gateway.cache_clear()


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


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("OVERDUE_CLOSE", "withdrawal_ready", "Collect your withdrawal of 300.00 yuan."),
        ("NAME_NOT_CORRECT", "withdrawal_failed", "could not be paid. The money is back"),
    ],
)
def test_a_payment_that_fails_is_told(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway, *,
    reason: str, kind: str, words: str,
) -> None:  # fmt: skip
    ready(lan, 1_000 * YUAN)
    row = attempted(lan, 300 * YUAN, operations(qian), finance(feng)).withdrawal
    sandbox.set_next_outcome(State.FAIL, reason)
    for at in (NOW, NOW + SOON):
        process_due_attempts(at=at)

    notices = told(lan)
    assert set(notices) == {"withdrawal_approved", kind}
    body, target = notices[kind]
    assert words in body
    assert target == {"kind": "withdrawal", "id": row.public_id}


def test_a_withdrawal_that_became_ready_twice_is_told_twice(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    ready(lan, 1_000 * YUAN)
    row = attempted(lan, 300 * YUAN, operations(qian), finance(feng)).withdrawal
    for day in (0, 1):
        sandbox.set_next_outcome(State.FAIL, "OVERDUE_CLOSE")
        if day:
            start_payout(withdrawal=row, at=NOW + DAY)
        for soon in (NOW, NOW + SOON):
            process_due_attempts(at=soon + day * DAY)

    told(lan)
    kinds = Notice.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["withdrawal_approved", "withdrawal_ready", "withdrawal_ready"]


@pytest.mark.parametrize(
    ("kind", "thing", "amount"),
    [
        ("withdrawal_ready", "提现待领取，请尽快确认收款", "¥300.00"),
        ("withdrawal_paid", "提现已到账", "¥291.00"),
    ],
)
def test_a_subscribe_message_shows_the_withdrawal(
    settings: LazySettings, kind: str, thing: str, amount: str
) -> None:
    settings.WECHAT_TEMPLATE_FIELDS = {kind: ["amount1", "thing2", "character_string3"]}
    notice = Notice(
        kind=kind, target="withdrawal", target_id="w1", data={"gross": 30_000, "net": 29_100},
        at=NOW,
    )  # fmt: skip

    assert fields_of(notice) == {"amount1": amount, "thing2": thing, "character_string3": "w1"}


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
