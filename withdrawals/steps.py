"""Tell a member the course of a withdrawal: who did what when, without names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from withdrawals.models import Payee, Withdrawal

Status, EndReason = Withdrawal.Status, Withdrawal.EndReason


@dataclass(frozen=True, slots=True)
class Step:
    """``role``: member, operations, finance, shop or provider; ``reason``: for people, or empty."""

    step: str
    role: str
    at: datetime
    reason: str = ""


def steps(withdrawal: Withdrawal) -> list[Step]:
    """Return the steps of a withdrawal in their order.

    Needs its attempts, payee and rejection reason.
    """
    return sorted(
        [*_reviews(withdrawal), *_payments(withdrawal), *_end(withdrawal)], key=lambda row: row.at
    )


def _reviews(row: Withdrawal) -> Iterator[Step]:
    yield Step("requested", "member", row.requested_at)
    if row.ops_reviewed_at:
        yield Step("approved", "operations", row.ops_reviewed_at)
    for at in (row.finance_reviewed_at, row.second_reviewed_at):
        if at:
            yield Step("approved", "finance", at)
    if row.ready_at:
        yield Step("ready_to_collect", "shop", row.ready_at)


def _payments(row: Withdrawal) -> Iterator[Step]:
    for attempt in row.attempts.all():
        yield Step("payment_started", "shop", attempt.created_at)
        if attempt.ended_at and attempt.state in attempt.PROVEN_UNPAID:
            yield Step("payment_failed", "provider", attempt.ended_at)


def _end(row: Withdrawal) -> Iterator[Step]:
    if row.ended_at is None:
        return
    if row.status in (Status.PAID, Status.RETURNED):
        # A returned payment was paid before; only the first moment is on the row.
        converted = row.payee.channel == Payee.Channel.STORE_CREDIT
        yield Step("paid", "shop" if converted else "provider", row.ended_at)
        if row.status == Status.RETURNED:
            yield Step("returned", "finance", row.ended_at)
        return
    by_member = row.end_reason == EndReason.MEMBER
    yield Step(row.status, "member" if by_member else "shop", row.ended_at, _reason(row))


def _reason(row: Withdrawal) -> str:
    if row.rejection_reason:
        label = row.rejection_reason.label
    else:
        label = row.get_end_reason_display() if row.end_reason else ""
    return " ".join(text for text in (str(label), row.note) if text)
