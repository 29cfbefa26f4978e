"""How attempts have ended is proven: ledger, tax and withdrawals follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from common import status
from events.services import happened
from ledger.chart import Kind, Reason
from ledger.services import Posting, Source, platform_keys, transfer_many
from withdrawals.gateways.reasons import Class, sort
from withdrawals.models import Attempt, Evidence, Withdrawal
from withdrawals.services import taxing
from withdrawals.services.evidence import keep
from withdrawals.services.locking import Cash, lock_purses
from withdrawals.services.owing import stop_if_owing
from withdrawals.services.requesting import end_unpaid
from withdrawals.services.reviewing import make_ready
from withdrawals.services.standing import blockers_of

# Providers forget a bill after 30 days, paid or not: then its number would be a new payment.
REPEATABLE = timedelta(days=20)
CLEARING, TAX, FEE = Kind.PAYOUT_CLEARING, Kind.TAX_PAYABLE, Kind.FEE_INCOME


def end(
    attempt: Attempt, cash: Cash, *, state: Attempt.State, evidence: Evidence, at: datetime
) -> None:
    """One attempt's end is proven. The member's cash and the attempt are locked."""
    close(attempt, state=state, evidence=evidence, at=at)
    attempt.save(update_fields=Attempt.MOVES)
    follow([attempt], {attempt.withdrawal.member_id: cash}, at=at)


def end_unsent(attempts: Sequence[Attempt], *, at: datetime) -> None:
    """Of attempts that nobody has sent, end those whose members may not be paid any more, and those
    that are too old: all that is said of a number is said while the provider remembers it."""
    purses = lock_purses([one.withdrawal.member for one in attempts])
    blockers = blockers_of([one.withdrawal for one in attempts])
    for attempt in attempts:
        why = ", ".join(one.code for one in blockers[attempt.withdrawal_id])
        if at >= attempt.created_at + REPEATABLE:
            why = why or "too old"
        if why:
            end_if_unsent(attempt, purses[attempt.withdrawal.member_id], why=why, at=at)


def end_if_unsent(attempt: Attempt, cash: Cash, *, why: str, at: datetime) -> bool:
    """End what nobody has sent; whether nobody has. The member's cash is locked."""
    now = Attempt.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.pk)
    if now.sends or now.ended_at:
        return False
    proof = keep(Evidence.Kind.VOUCHER, f"never sent: {why}", at=at)
    end(now, cash, state=Attempt.State.CANCELLED, evidence=proof, at=at)
    return True


def close(
    attempt: Attempt, *, state: Attempt.State, evidence: Evidence, at: datetime, why: str = ""
) -> None:
    """Write down on the attempt how it has ended; not saved."""
    attempt.state, attempt.evidence, attempt.fail_reason = state, evidence, why[:64]
    attempt.ended_at, attempt.next_at, attempt.package = at, None, ""


def follow(attempts: Iterable[Attempt], purses: Mapping[int, Cash], *, at: datetime) -> None:
    """Attempts have just ended and are saved; they and the members' purses are locked."""
    ended = list(attempts)
    paid = [one for one in ended if one.state == Attempt.State.SUCCESS]
    _pay([one.withdrawal for one in paid], purses, at=at)
    for attempt in ended:
        if attempt.state != Attempt.State.SUCCESS:
            _not_paid(attempt, purses[attempt.withdrawal.member_id], at=at)


def _pay(paid: Sequence[Withdrawal], purses: Mapping[int, Cash], *, at: datetime) -> None:
    if not paid:
        return
    status.move_all(paid, to=Withdrawal.Status.PAID, ended_at=at)
    into = platform_keys(CLEARING, TAX, FEE)
    transfer_many([
        Posting(
            f"withdrawal:{one.public_id}:paid:{what}", purses[one.member_id].held.pk, into[kind],
            amount, reason, *Source("withdrawals.withdrawal", one.public_id), at,
        )
        for one in paid
        for what, kind, amount, reason in (
            ("net", CLEARING, one.net, Reason.PAYOUT),
            ("tax", TAX, one.tax, Reason.TAX),
            ("fee", FEE, one.fee, Reason.FEE),
        )
        if amount
    ])  # fmt: skip
    for one in paid:
        happened(
            "withdrawals.paid", one, at=at, net=one.net,
            before={"status": Withdrawal.Status.PAYING}, after={"status": one.status},
        )  # fmt: skip


def _not_paid(attempt: Attempt, cash: Cash, *, at: datetime) -> None:
    withdrawal, reason = attempt.withdrawal, attempt.fail_reason
    taxing.give_back(attempt, at=at)
    kind = sort(reason) if attempt.state == Attempt.State.FAIL else Class.NEUTRAL
    happened(
        "withdrawals.payout_failed", withdrawal, at=at,
        number=attempt.out_bill_no, reason=reason, sorted=kind.value,
    )  # fmt: skip
    if kind in {Class.NEUTRAL, Class.WAIT, Class.WE_MUST_ACT}:
        make_ready(withdrawal, at=at)
        stop_if_owing(withdrawal, cash, at=at)
    elif kind is Class.MEMBER_MUST_ACT:
        end_unpaid(withdrawal, cash, to=Withdrawal.Status.FAILED, why=Withdrawal.Why.PAYOUT, at=at)
    # A risk, or a reason that nobody knows, is for a person: see ``deciding``.
