"""What only people can decide: failures that nobody knows, and payments made by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import status
from events.models import Event, Reference
from events.services import happened
from ledger.chart import Kind, Reason
from ledger.services import platform
from members.models import User
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Answer, State
from withdrawals.gateways.base import Kind as Worth
from withdrawals.gateways.manual import BY_HAND
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.services import taxing
from withdrawals.services.ending import REPEATABLE, end, end_if_unsent
from withdrawals.services.evidence import keep, keep_voucher
from withdrawals.services.freezing import begin
from withdrawals.services.locking import Cash, lock_cash
from withdrawals.services.owing import stop_if_owing
from withdrawals.services.paying import ask_soon
from withdrawals.services.refusals import MayStillPay, NotAllowed, NothingToCallOff, NotYours
from withdrawals.services.requesting import end_unpaid, post
from withdrawals.services.reviewing import make_ready
from withdrawals.services.rights import FINANCE, check_may

Status = Withdrawal.Status


@transaction.atomic
def try_again(*, withdrawal: Withdrawal, by: User, at: datetime) -> None:
    """After a failure that waits for a person: it may be paid again, under a new number.

    :raises MayStillPay: an attempt is not proven unpaid
    :raises WrongStatus: it is not being paid
    """
    cash = _decide(withdrawal, by)
    make_ready(withdrawal, at=at)
    stop_if_owing(withdrawal, cash, at=at)
    happened("withdrawals.tried_again", withdrawal, at=at, by=by)


@transaction.atomic
def send_again(*, withdrawal: Withdrawal, by: User, at: datetime) -> None:
    """After a refusal whose cause is mended: the same bill under the same number, which is the same
    payment, whatever became of the calls before.

    :raises NotAllowed, NotYours: no role of finance, or it is their own
    :raises NothingToCallOff: nothing has been stopped, or the provider may have forgotten it
    """
    check_may(by, FINANCE, withdrawal)
    stopped = withdrawal.attempts.live().filter(
        ended_at=None, stopped_at__isnull=False, created_at__gt=at - REPEATABLE
    )
    if not stopped.update(stopped_at=None, next_at=at):
        raise NothingToCallOff(withdrawal=withdrawal.public_id)
    happened("withdrawals.sent_again", withdrawal, at=at, by=by)


@transaction.atomic
def give_up(*, withdrawal: Withdrawal, by: User, at: datetime, note: str = "") -> None:
    """After a failure that waits for a person: it is not paid, the money is the member's again.

    :raises MayStillPay, WrongStatus: as above
    """
    cash = _decide(withdrawal, by)
    end_unpaid(
        withdrawal, cash, to=Status.FAILED, why=Withdrawal.Why.PAYOUT, by=by, at=at,
        note=note.strip()[:200],
    )  # fmt: skip


def call_off(*, withdrawal: Withdrawal, by: User, at: datetime) -> Answer:
    """Ask the provider to cancel a bill that its member has not confirmed yet.

    Nothing is decided by it: the provider may have paid already, and is asked how it ended. Once
    the bill is proven cancelled, the withdrawal can be collected again or rejected.

    :raises NotAllowed: they have not the role of finance
    :raises NothingToCallOff: nothing is under way at a provider that can be asked
    """
    check_may(by, FINANCE, withdrawal)
    attempt = withdrawal.attempts.live().exclude(gateway=BY_HAND).first()
    if attempt is None or attempt.ended_at:
        raise NothingToCallOff(withdrawal=withdrawal.public_id)
    if _never_sent(attempt, by, at=at):
        return Answer(Worth.TOLD, state=State.CANCELLED, out_bill_no=attempt.out_bill_no)
    answer = gateway(attempt.gateway).cancel(attempt.out_bill_no)
    with transaction.atomic():
        ask_soon(out_bill_no=attempt.out_bill_no, at=at)
        happened(
            "withdrawals.called_off", withdrawal, at=at, by=by,
            number=attempt.out_bill_no, answer=answer.kind.value,
        )  # fmt: skip
    return answer


@transaction.atomic
def _never_sent(attempt: Attempt, by: User, *, at: datetime) -> bool:
    """End what nobody has sent; whether nobody has. Nobody sends it from now on."""
    cash = lock_cash(attempt.withdrawal.member)
    Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(stopped_at=at)
    return end_if_unsent(attempt, cash, why=f"called off by {by.username}", at=at)


def pay_by_hand(*, withdrawals: list[Withdrawal], by: User, at: datetime) -> list[Attempt]:
    """Take approved withdrawals out of everybody else's hands, to be paid by this person.

    Each by itself: those before one that is refused stay taken.

    :raises NotAllowed: no role of finance, or payouts are not made by hand
    :raises NotYours: one is their own
    """
    if not by.has_perm(FINANCE) or gateway().name != BY_HAND:
        raise NotAllowed
    begun = []
    for withdrawal in withdrawals:
        check_may(by, FINANCE, withdrawal)
        attempt = begin(withdrawal=withdrawal, at=at, by=by)
        if attempt:
            Attempt.objects.filter(pk=attempt.pk).update(
                state=Attempt.State.PROCESSING, sends=1, next_at=None
            )
            attempt.refresh_from_db()
            begun.append(attempt)
    return begun


@transaction.atomic
def mark_paid(*, attempt: Attempt, voucher: bytes, by: User, at: datetime) -> None:
    """Say that a payment by hand was made, and show the voucher: JPEG, PNG or PDF.

    :raises NotAVoucher: it is none of these, or larger than 10 MB
    :raises VoucherUsed: another payment was proven by it
    :raises NotAllowed: no right, or the attempt is not by hand
    :raises WrongStatus: it has ended
    """
    attempt, cash = _by_hand(attempt, by, to=Status.PAID)
    proof = keep_voucher(voucher, at=at)
    end(attempt, cash, state=Attempt.State.SUCCESS, evidence=proof, at=at)
    happened("withdrawals.marked_paid", attempt.withdrawal, at=at, by=by)


@transaction.atomic
def mark_returned(*, withdrawal: Withdrawal, voucher: bytes, by: User, at: datetime) -> None:
    """Say that what was paid by hand has come back, and show the proof; the member has it again.

    Its tax and fee are given back too: nothing was paid after all. Debts are paid off first.
    Whoever has approved the payment for finance, made it or marked it as made does not say this.

    :raises NotAVoucher, VoucherUsed, NotAllowed: as for ``mark_paid``
    :raises WrongStatus: it was not paid, or has come back already
    """
    check_may(by, FINANCE, withdrawal)
    cash = lock_cash(withdrawal.member)
    withdrawal.refresh_from_db()
    if had_a_part(withdrawal, by):
        raise NotYours(withdrawal=withdrawal.public_id)
    status.move(withdrawal, to=Status.RETURNED)
    paid = withdrawal.attempts.get(state=Attempt.State.SUCCESS)
    if paid.gateway != BY_HAND:
        raise NotAllowed
    proof = keep_voucher(voucher, at=at)
    taxing.give_back(paid, at=at)
    for what, kind, amount in (
        ("net", Kind.PAYOUT_CLEARING, withdrawal.net),
        ("tax", Kind.TAX_PAYABLE, withdrawal.tax),
        ("fee", Kind.FEE_INCOME, withdrawal.fee),
    ):
        post(
            withdrawal, f"returned:{what}", debit=platform(kind), credit=cash.wallet,
            amount=amount, reason=Reason.RELEASE, at=at,
        )  # fmt: skip
    happened(
        "withdrawals.returned", withdrawal, at=at, by=by, proof=proof.pk, gross=withdrawal.gross
    )


def had_a_part(withdrawal: Withdrawal, by: User) -> bool:
    """Whether somebody has approved a payment by hand for finance, made it, or said that it was."""
    kind, public_id = Reference.to(withdrawal)
    said_so = Event.objects.filter(
        name="withdrawals.marked_paid", subject_kind=kind, subject_id=public_id,
        actor_kind=Reference.to(by).kind, actor_id=Reference.to(by).id,
    )  # fmt: skip
    reviewed = by.pk in {withdrawal.finance_reviewer_id, withdrawal.second_reviewer_id}
    return reviewed or withdrawal.attempts.filter(taken_by=by).exists() or said_so.exists()


@transaction.atomic
def mark_unpaid(*, attempt: Attempt, by: User, at: datetime, reason: str) -> None:
    """Say that a payment by hand was not made; it can be tried again.

    :raises NotAllowed, WrongStatus: as for ``mark_paid``
    """
    attempt, cash = _by_hand(attempt, by, to=Status.READY_TO_COLLECT)
    proof = keep(Evidence.Kind.VOUCHER, f"{by.username}: {reason}", at=at)
    end(attempt, cash, state=Attempt.State.CANCELLED, evidence=proof, at=at)
    happened("withdrawals.marked_unpaid", attempt.withdrawal, at=at, by=by, reason=reason[:200])


def _decide(withdrawal: Withdrawal, by: User) -> Cash:
    check_may(by, FINANCE, withdrawal)
    cash = lock_cash(withdrawal.member)
    withdrawal.refresh_from_db()
    if withdrawal.attempts.live().exists():
        raise MayStillPay(withdrawal=withdrawal.public_id)
    return cash


def _by_hand(attempt: Attempt, by: User, *, to: Status) -> tuple[Attempt, Cash]:
    """An attempt by hand that is under way, locked, if this person may end it."""
    check_may(by, FINANCE, attempt.withdrawal)
    if attempt.gateway != BY_HAND:
        raise NotAllowed
    cash = lock_cash(attempt.withdrawal.member)
    attempt = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    status.expect(attempt.withdrawal, Status.PAYING, to=to)
    if attempt.ended_at:
        raise NothingToCallOff(withdrawal=attempt.withdrawal.public_id)
    return attempt, cash
