"""Every transition of a withdrawal: its status, its money and its event in one transaction.

The verbs in ``requests`` and ``payouts`` decide whether a transition is allowed; the functions here
carry it out. The caller holds the lock of the member's cash accounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from common import status
from events.declarations import EventType
from events.services import record
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.services import (
    Posting,
    Source,
    platform_account,
    platform_account_ids,
    transfer,
    transfer_many,
)
from members.models import Member, User
from withdrawals.cash_accounts import CashAccounts
from withdrawals.events import (
    WITHDRAWALS_CANCELLED,
    WITHDRAWALS_FAILED,
    WITHDRAWALS_FINANCE_APPROVED,
    WITHDRAWALS_FINANCE_APPROVED_ONCE,
    WITHDRAWALS_OPS_APPROVED,
    WITHDRAWALS_PAID,
    WITHDRAWALS_PAYING,
    WITHDRAWALS_READY_TO_COLLECT,
    WITHDRAWALS_REJECTED,
    WITHDRAWALS_REQUESTED,
    WITHDRAWALS_RETURNED,
    WITHDRAWALS_REVIEW_RESTARTED,
)
from withdrawals.models import Evidence, Withdrawal
from withdrawals.models.withdrawal import REVIEWS

Status = Withdrawal.Status
MAX_NOTE_LENGTH = 200
NET = "net"

CLOSED_EVENTS = {
    Status.CANCELLED: WITHDRAWALS_CANCELLED,
    Status.FAILED: WITHDRAWALS_FAILED,
    Status.REJECTED: WITHDRAWALS_REJECTED,
}
CLEARED_REVIEWS = {
    f"{review}_{field}": "" if field == "content_hash" else None
    for review in REVIEWS
    for field in ("reviewer", "reviewer_member", "reviewed_at", "content_hash")
}


def open_request(withdrawal: Withdrawal, cash: CashAccounts, *, at: datetime) -> None:
    """Save a new request and hold its money."""
    withdrawal.save(force_insert=True)
    _post(
        withdrawal, "hold", debit=cash.wallet, credit=cash.held, amount=withdrawal.gross,
        reason=Reason.HOLD, at=at,
    )  # fmt: skip
    record(
        WITHDRAWALS_REQUESTED, withdrawal, at=at, by=withdrawal.member,
        after={"status": Status.REQUESTED},
        gross=withdrawal.gross, tax=withdrawal.tax, fee=withdrawal.fee,
    )  # fmt: skip


def reopen_request(withdrawal: Withdrawal, *, at: datetime, reason: str, **changes: Any) -> None:
    """Return a withdrawal to *requested* with new content, and clear its reviews."""
    changes |= {"ready_at": None, **CLEARED_REVIEWS}
    _move(
        withdrawal, WITHDRAWALS_REVIEW_RESTARTED, to=Status.REQUESTED, changes=changes, at=at,
        reason=reason,
    )  # fmt: skip


def approve_for_operations(withdrawal: Withdrawal, *, by: User, at: datetime) -> None:
    """Record the review of operations."""
    _move(
        withdrawal, WITHDRAWALS_OPS_APPROVED, to=Status.OPS_APPROVED,
        changes=_review("ops", withdrawal, by=by, at=at), at=at, by=by,
        content_hash=withdrawal.content_hash,
    )  # fmt: skip


def approve_for_finance(withdrawal: Withdrawal, *, by: User, at: datetime) -> bool:
    """Record a review of finance.

    :returns: whether the withdrawal is approved; otherwise a second review of finance is needed
    """
    first = withdrawal.finance_reviewer_id is None
    approved = not (first and withdrawal.needs_second_finance)
    _move(
        withdrawal,
        WITHDRAWALS_FINANCE_APPROVED if approved else WITHDRAWALS_FINANCE_APPROVED_ONCE,
        to=Status.FINANCE_APPROVED if approved else Status.OPS_APPROVED,
        changes=_review("finance" if first else "second", withdrawal, by=by, at=at),
        at=at, by=by, content_hash=withdrawal.content_hash,
    )  # fmt: skip
    return approved


def mark_ready_to_collect(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Let the member collect the money, for the first time or after a failed attempt."""
    _move(
        withdrawal, WITHDRAWALS_READY_TO_COLLECT, to=Status.READY_TO_COLLECT,
        changes={"ready_at": at}, at=at,
    )  # fmt: skip


def start_paying(
    withdrawal: Withdrawal, *, number: str, gateway: str, by: User | None, at: datetime
) -> None:
    """Start the payment under ``number``; the caller stores its attempt next."""
    _move(
        withdrawal, WITHDRAWALS_PAYING, to=Status.PAYING, at=at, by=by,
        number=number, gateway=gateway,
    )  # fmt: skip


def mark_paid(
    withdrawals: Sequence[Withdrawal], cash_accounts: Mapping[int, CashAccounts], *, at: datetime
) -> None:
    """Post net, tax and fee of paid withdrawals from the held money."""
    if not withdrawals:
        return
    status.move_all(withdrawals, to=Status.PAID, ended_at=at)
    platform = platform_account_ids(Kind.PAYOUT_CLEARING, Kind.TAX_PAYABLE, Kind.FEE_INCOME)
    transfer_many([
        Posting(
            f"withdrawal:{withdrawal.public_id}:paid:{part}",
            cash_accounts[withdrawal.member_id].held.pk, platform[kind], amount, reason,
            *_source(withdrawal), at,
        )
        for withdrawal in withdrawals
        for part, kind, amount, reason in _parts(withdrawal)
        if amount
    ])  # fmt: skip
    for withdrawal in withdrawals:
        record(
            WITHDRAWALS_PAID, withdrawal, at=at, net=withdrawal.net,
            before={"status": Status.PAYING}, after={"status": withdrawal.status},
        )  # fmt: skip


def mark_converted(withdrawal: Withdrawal, cash: CashAccounts, *, at: datetime) -> None:
    """Turn the held money into store credit: the net of it is issued, tax and fee are as always.

    The caller has locked the wallet of store credit with the cash; the ledger repays a debt of
    store credit first.
    """
    assert cash.store_credit, "locked with the cash"
    status.move(withdrawal, to=Status.PAID, ended_at=at)
    for part, kind, amount, reason in _parts(withdrawal):
        to = Kind.CONVERSION if part == NET else kind
        why = Reason.CONVERSION if part == NET else reason
        _post(
            withdrawal, f"paid:{part}", debit=cash.held, credit=platform_account(to),
            amount=amount, reason=why, at=at,
        )  # fmt: skip
    _post(
        withdrawal, "issued", debit=platform_account(Kind.ISSUED, Asset.STORE_CREDIT),
        credit=cash.store_credit, amount=withdrawal.net, reason=Reason.CONVERSION, at=at,
    )  # fmt: skip
    record(
        WITHDRAWALS_PAID, withdrawal, at=at, net=withdrawal.net,
        before={"status": Status.PAYING}, after={"status": withdrawal.status},
    )  # fmt: skip


def close_unpaid(
    withdrawal: Withdrawal,
    cash: CashAccounts,
    *,
    to: Status,
    at: datetime,
    end_reason: str = "",
    by: Member | User | None = None,
    note: str = "",
    **changes: object,
) -> None:
    """Cancel, reject or fail a withdrawal and release its money; the ledger repays debt first.

    :param note: to the member; its first 200 characters are saved
    """
    note = note.strip()[:MAX_NOTE_LENGTH]
    changes |= {"ended_at": at, "end_reason": end_reason, "note": note}
    before = status.move(withdrawal, to=to, **changes)
    _post(
        withdrawal, "release", debit=cash.held, credit=cash.wallet, amount=withdrawal.gross,
        reason=Reason.RELEASE, at=at,
    )  # fmt: skip
    record(
        CLOSED_EVENTS[to], withdrawal, at=at, by=by,
        before={"status": before}, after={"status": to.value}, end_reason=end_reason,
    )  # fmt: skip


def cancel_if_in_debt(withdrawal: Withdrawal, cash: CashAccounts, *, at: datetime) -> None:
    """Cancel a withdrawal without a live attempt if its member owes money after a refund."""
    if cash.owed.balance:
        close_unpaid(
            withdrawal, cash, to=Status.CANCELLED, end_reason=Withdrawal.EndReason.DEBT, at=at
        )


def mark_returned(
    withdrawal: Withdrawal, cash: CashAccounts, *, proof: Evidence, by: User, at: datetime
) -> None:
    """Post net, tax and fee of a payment that came back to the member's wallet."""
    status.move(withdrawal, to=Status.RETURNED)
    for part, kind, amount, _ in _parts(withdrawal):
        _post(
            withdrawal, f"returned:{part}", debit=platform_account(kind), credit=cash.wallet,
            amount=amount, reason=Reason.RELEASE, at=at,
        )  # fmt: skip
    record(WITHDRAWALS_RETURNED, withdrawal, at=at, by=by, proof=proof.pk, gross=withdrawal.gross)


def _move(
    withdrawal: Withdrawal,
    event_type: EventType,
    *,
    to: Status,
    at: datetime,
    by: User | None = None,
    changes: Mapping[str, Any] | None = None,
    **data: Any,
) -> None:
    """Change the status, other fields with it, and record the event."""
    before = status.move(withdrawal, to=to, **changes or {})
    record(
        event_type, withdrawal, at=at, by=by,
        before={"status": before}, after={"status": to}, **data,
    )  # fmt: skip


def _review(
    review: Literal["ops", "finance", "second"], withdrawal: Withdrawal, *, by: User, at: datetime
) -> dict[str, object]:
    return {
        f"{review}_reviewer": by,
        f"{review}_reviewer_member": by.member_id or 0,
        f"{review}_reviewed_at": at,
        f"{review}_content_hash": withdrawal.content_hash,
    }


def _parts(withdrawal: Withdrawal) -> tuple[tuple[str, Kind, int, Reason], ...]:
    """Return the name, the platform account, the amount and the reason of each part."""
    return (
        (NET, Kind.PAYOUT_CLEARING, withdrawal.net, Reason.PAYOUT),
        ("tax", Kind.TAX_PAYABLE, withdrawal.tax, Reason.TAX),
        ("fee", Kind.FEE_INCOME, withdrawal.fee, Reason.FEE),
    )


def _post(
    withdrawal: Withdrawal, step: str, *, debit: Account, credit: Account, amount: int,
    reason: Reason, at: datetime,
) -> None:  # fmt: skip
    """Move money of a withdrawal, once for each ``step``."""
    if amount:
        transfer(
            key=f"withdrawal:{withdrawal.public_id}:{step}", debit=debit, credit=credit,
            amount=amount, reason=reason, source=_source(withdrawal), effective_at=at,
        )  # fmt: skip


def _source(withdrawal: Withdrawal) -> Source:
    return Source("withdrawals.withdrawal", withdrawal.public_id)
