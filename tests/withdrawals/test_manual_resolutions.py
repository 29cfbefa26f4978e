"""Two people resolve a stuck attempt once its outcome is certain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from events.models import Event
from ledger import proof
from members.models import Member, User
from tests.cast import link, staff
from tests.wechatpay import NotFound, Paid, Refused, ReplyLost, RequestLost, Server, Status
from tests.withdrawals.factories import NOW, YUAN, approved, cash, finance, picture
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals.errors import (
    Blocked,
    InvalidVoucher,
    NoPaymentInProgress,
    PaymentUnresolved,
    SelfApprovalForbidden,
    VoucherAlreadyUsed,
)
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.models import Attempt, ManualResolution, Withdrawal
from withdrawals.payouts import claim
from withdrawals.payouts.leases import Lease
from withdrawals.payouts.replies import ReceivedReply, record_replies
from withdrawals.payouts.resolve import ManualResolutionPending
from withdrawals.services import (
    cancel_at_provider,
    collect,
    pause_channel,
    process_due_attempts,
    propose_manual_resolution,
    refuse_manual_resolution,
    resend,
    resolve_manually,
    resume_channel,
    start_payout,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AMOUNT = 300 * YUAN
HOUR = timedelta(hours=1)
RESTED = timedelta(hours=28)  # a stopped attempt settles for 26 hours
VOUCHER = b"%PDF-1.7 the provider's own bill"


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server, paying_through(server):
        yield server


@pytest.fixture
def wei(db: None) -> User:
    return finance(staff("Wei"))


@pytest.fixture
def withdrawal(lan: Member, qian: User, feng: User, server: Server) -> Withdrawal:
    return approved(lan, AMOUNT, qian, feng)


@pytest.fixture
def stuck(withdrawal: Withdrawal, server: Server) -> Attempt:
    """The first reply is lost, the provider finds no payment and refuses the second call."""
    server.script(on="send", faults=[RequestLost(), Refused("NO_AUTH")])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    process_due_attempts(at=NOW + HOUR)
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.send_count, attempt.last_error) == ("unknown", 2, "NO_AUTH")
    return attempt


def proposed(attempt: Attempt, by: User, *, paid: bool, at: timedelta = RESTED) -> ManualResolution:
    return propose_manual_resolution(
        attempt=attempt, paid=paid, voucher=VOUCHER, reason="on their bill", by=by, at=NOW + at
    )


def test_a_stuck_attempt_is_polled_but_not_sent_again(
    stuck: Attempt, withdrawal: Withdrawal, server: Server
) -> None:
    for hours in range(2, 8):
        process_due_attempts(at=NOW + hours * HOUR)

    stuck.refresh_from_db()
    withdrawal.refresh_from_db()
    assert (stuck.send_count, stuck.ended_at, withdrawal.status) == (2, None, "paying")
    assert stuck.poll_count > 2
    assert Event.objects.filter(name="withdrawals.payout_refused").count() == 1


def test_a_slow_payment_is_found_later(withdrawal: Withdrawal, server: Server) -> None:
    server.script(on="send", faults=[ReplyLost(), Refused("NO_AUTH")])
    server.script(on="query", faults=[NotFound()])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    process_due_attempts(at=NOW + HOUR)
    attempt = Attempt.objects.get()
    assert attempt.stopped_at

    server.confirm(attempt.out_bill_no)
    process_due_attempts(at=NOW + RESTED + HOUR)

    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)


def test_two_people_resolve_as_unpaid_and_it_is_collected_again(
    stuck: Attempt, withdrawal: Withdrawal, server: Server, feng: User, wei: User
) -> None:
    before = picture()
    manual_resolution = proposed(stuck, feng, paid=False)
    assert picture() == before

    resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + RESTED + HOUR)

    withdrawal.refresh_from_db()
    stuck.refresh_from_db()
    assert (stuck.state, stuck.evidence, withdrawal.status) == (
        "cancelled", manual_resolution.evidence, "ready_to_collect",
    )  # fmt: skip
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW + RESTED + 2 * HOUR)
    second = Attempt.objects.exclude(pk=stuck.pk).get()
    server.confirm(second.out_bill_no)
    process_due_attempts(at=NOW + RESTED + 3 * HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)
    assert proof.differences() == []


def test_two_people_resolve_as_paid(
    withdrawal: Withdrawal, server: Server, feng: User, wei: User
) -> None:
    """After 30 days the provider shows a payment only in its statement."""
    server.script(on="send", faults=[ReplyLost()])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    attempt = Attempt.objects.get()
    server.confirm(attempt.out_bill_no)
    server.pass_time(days=31)

    manual_resolution = proposed(attempt, feng, paid=True, at=timedelta(days=31))
    resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + timedelta(days=31))

    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"
    assert cash(withdrawal.member) == (1_000 * YUAN - AMOUNT, 0, 0)
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)


def test_the_reply_of_the_provider_wins(
    withdrawal: Withdrawal, server: Server, feng: User, wei: User
) -> None:
    server.script(on="send", faults=[ReplyLost(), Refused("NO_AUTH")])
    server.script(on="query", faults=[NotFound()])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    process_due_attempts(at=NOW + HOUR)
    attempt = Attempt.objects.get()
    manual_resolution = proposed(attempt, feng, paid=False)
    server.confirm(attempt.out_bill_no)

    with pytest.raises(PaymentUnresolved):
        resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + RESTED + HOUR)

    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid", "the reply was recorded"
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)
    with pytest.raises(PaymentUnresolved):
        resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + RESTED + 2 * HOUR)


def test_without_a_signed_reply_nobody_resolves(
    stuck: Attempt, server: Server, feng: User, wei: User
) -> None:
    manual_resolution = proposed(stuck, feng, paid=False)
    server.script(on="query", faults=[Status(500)] * 2)
    before = picture()[:3]

    with pytest.raises(PaymentUnresolved):
        resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + RESTED + HOUR)
    assert picture()[:3] == before


def test_an_outcome_that_may_still_be_reported_is_not_resolved(
    withdrawal: Withdrawal, server: Server, feng: User
) -> None:
    server.script(on="send", faults=[ReplyLost()])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    before = picture()

    with pytest.raises(PaymentUnresolved):
        proposed(Attempt.objects.get(), feng, paid=False)
    assert picture() == before


def test_the_proposer_cannot_agree(stuck: Attempt, qian: User, feng: User, lan: Member) -> None:
    manual_resolution = proposed(stuck, feng, paid=False)
    before = picture()

    for who, refusal in ((feng, SelfApprovalForbidden), (qian, PermissionMissing)):
        with pytest.raises(refusal):
            resolve_manually(manual_resolution=manual_resolution, by=who, at=NOW + RESTED + HOUR)
    own = staff("Own")
    link(own, lan)
    own = finance(own)
    with pytest.raises(SelfApprovalForbidden):
        resolve_manually(manual_resolution=manual_resolution, by=own, at=NOW + RESTED + HOUR)
    assert picture() == before


def test_the_database_enforces_the_second_person(stuck: Attempt, feng: User, lan: Member) -> None:
    manual_resolution = proposed(stuck, feng, paid=False)
    row = ManualResolution.objects.filter(pk=manual_resolution.pk)
    agreed = {"status": "agreed", "decided_at": NOW, "decider": feng}

    for changes in (
        agreed | {"decider_member": 0},
        agreed | {"decider": finance(staff("Own")), "decider_member": lan.pk},
        {"paid": True},
        {"status": "agreed"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


def test_an_invalid_proposal_is_refused(stuck: Attempt, feng: User, wei: User) -> None:
    def propose(**other: object) -> None:
        propose_manual_resolution(
            **{"attempt": stuck, "paid": True, "voucher": VOUCHER, "reason": "seen", "by": feng,
               "at": NOW + RESTED} | other  # type: ignore[arg-type]
        )  # fmt: skip

    for refusal, other in (
        (InvalidVoucher, {"voucher": b"text"}),
        (ReasonRequired, {"reason": "  "}),
        (PermissionMissing, {"by": staff("Guest")}),
    ):
        with pytest.raises(refusal):
            propose(**other)
    assert not ManualResolution.objects.exists()
    propose()
    with pytest.raises(ManualResolutionPending):
        propose(voucher=VOUCHER + b"2")
    refuse_manual_resolution(
        manual_resolution=ManualResolution.objects.get(), by=wei, at=NOW + RESTED + HOUR
    )
    with pytest.raises(VoucherAlreadyUsed):
        propose()
    with pytest.raises(WrongStatus):
        resolve_manually(
            manual_resolution=ManualResolution.objects.get(), by=wei, at=NOW + RESTED + 2 * HOUR
        )
    propose(voucher=VOUCHER + b"3")


def test_a_resend_after_the_cause_is_fixed_pays(
    stuck: Attempt, withdrawal: Withdrawal, server: Server, qian: User, feng: User
) -> None:
    with pytest.raises(PermissionMissing):
        resend(withdrawal=withdrawal, by=qian, at=NOW + 2 * HOUR)
    resend(withdrawal=withdrawal, by=feng, at=NOW + 2 * HOUR)
    process_due_attempts(at=NOW + 2 * HOUR)
    server.confirm(stuck.out_bill_no)
    process_due_attempts(at=NOW + RESTED + 2 * HOUR)

    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"
    assert list(server.bills) == [stuck.out_bill_no]
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)
    with pytest.raises(NoPaymentInProgress):
        resend(withdrawal=withdrawal, by=feng, at=NOW + RESTED + 3 * HOUR)


def test_a_cancelled_payment_is_not_sent_automatically(
    withdrawal: Withdrawal, server: Server, feng: User, wei: User
) -> None:
    server.script(on="send", faults=[RequestLost()])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    attempt = Attempt.objects.get()

    cancel_at_provider(withdrawal=withdrawal, by=feng, at=NOW + HOUR)
    for hours in range(2, 30):
        process_due_attempts(at=NOW + hours * HOUR)

    attempt.refresh_from_db()
    assert (attempt.send_count, server.bills) == (1, {})
    manual_resolution = proposed(attempt, feng, paid=False, at=30 * HOUR)
    resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + 31 * HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "ready_to_collect"


def test_an_attempt_is_not_resolved_while_a_call_may_be_in_flight(
    withdrawal: Withdrawal, server: Server, feng: User
) -> None:
    """The provider accepted the call, its reply was lost, and a query does not find it yet."""
    server.script(on="send", faults=[ReplyLost()])
    server.script(on="query", faults=[NotFound()] * 3)
    server.script(on="cancel", faults=[NotFound()])
    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)
    cancel_at_provider(withdrawal=withdrawal, by=feng, at=NOW + HOUR)
    attempt = Attempt.objects.get()

    for hours in (1, 5, 26):
        with pytest.raises(PaymentUnresolved):
            proposed(attempt, feng, paid=False, at=hours * HOUR)

    server.confirm(attempt.out_bill_no)
    for hours in range(2, 8):
        process_due_attempts(at=NOW + hours * HOUR)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"


def test_a_leased_attempt_is_not_resolved(stuck: Attempt, feng: User) -> None:
    lease = Lease(NOW + RESTED)
    claim.claim(Attempt.objects.filter(pk=stuck.pk), lease, limit=1)

    with pytest.raises(PaymentUnresolved):
        proposed(stuck, feng, paid=False)


def test_a_provider_that_is_gone_does_not_block_the_resolution_forever(
    stuck: Attempt, withdrawal: Withdrawal, server: Server, feng: User, wei: User
) -> None:
    server.script(on="query", faults=[Refused("NO_AUTH")] * 6)
    manual_resolution = proposed(stuck, feng, paid=False)
    with pytest.raises(PaymentUnresolved):
        resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + RESTED)

    with pytest.raises(PaymentUnresolved):
        resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + timedelta(days=31))
    resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + timedelta(days=51))

    withdrawal.refresh_from_db()
    assert withdrawal.status == "ready_to_collect"


def test_a_reply_with_another_outcome_is_reported(
    stuck: Attempt, withdrawal: Withdrawal, server: Server, feng: User, wei: User
) -> None:
    manual_resolution = proposed(stuck, feng, paid=False)
    resolve_manually(manual_resolution=manual_resolution, by=wei, at=NOW + RESTED)
    reply = ProviderReply(ReplyKind.STATUS, state=State.SUCCESS, out_bill_no=stuck.out_bill_no)

    record_replies([ReceivedReply(stuck, reply, answers_poll=True)], at=NOW + RESTED)

    stuck.refresh_from_db()
    assert (stuck.state, stuck.outcome_mismatch_at) == ("cancelled", NOW + RESTED)
    event = Event.objects.get(name="withdrawals.outcome_mismatch")
    assert event.data["code"] == "success"
    withdrawal.refresh_from_db()
    assert withdrawal.status == "ready_to_collect"
    with pytest.raises(Blocked) as refusal:
        collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW + RESTED + HOUR)
    assert refusal.value.data["blockers"][0] == "outcome_mismatch", (
        "nothing is paid a second time by itself"
    )


def test_a_worker_after_its_lease_sends_nothing(
    withdrawal: Withdrawal, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "CALL_CUTOFF", -1)

    collect(withdrawal=withdrawal, by=withdrawal.member, at=NOW)

    assert server.bills == {}
    assert Attempt.objects.get().last_error == "too_late"
    monkeypatch.undo()
    process_due_attempts(at=NOW + HOUR)
    assert list(server.bills) == [Attempt.objects.get().out_bill_no]


def test_an_attempt_unsent_for_weeks_is_cancelled_and_started_again(
    withdrawal: Withdrawal, server: Server, feng: User
) -> None:
    """Otherwise its last call could fall outside the provider's memory."""
    start_payout(withdrawal=withdrawal, at=NOW)
    pause_channel(channel="wechat", at=NOW, pause_reason="short")
    process_due_attempts(at=NOW)
    late = NOW + timedelta(days=25)

    resume_channel(channel="wechat", at=late, by=feng)
    process_due_attempts(at=late)

    assert server.bills == {}
    assert Attempt.objects.get().state == "cancelled"
    withdrawal.refresh_from_db()
    assert withdrawal.status == "ready_to_collect"
