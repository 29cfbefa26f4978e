"""Treasury: post money that finance moved outside the system, once for each document."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from closing.events import CLOSING_DOCUMENT_POSTED
from closing.models import StatementLine, TreasuryDocument
from closing.models.document import MAX_NUMBER_LENGTH
from closing.services.locks import lock_document, lock_statements
from closing.services.statement_import import clear_line, post_cleared_line
from common import status
from common.errors import SelfApprovalForbidden, TwotierError
from common.locks import advisory_lock
from common.money import format_yuan
from common.requirements import require_permission, require_reason
from events.services import record
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.queries import balance
from ledger.services import Source, account, platform_account, transfer
from members.models import Member, User
from members.reviews import require_may_review
from withdrawals.models import Attempt, PayoutBatch, Withdrawal
from withdrawals.payouts.batches import BatchTotalMismatch

POST_PERMISSION = "closing.post_documents"


class DocumentConflict(TwotierError):
    code = "document_conflict"
    message = _(
        "The document “%(number)s” is already posted with other content. Nothing was changed."
    )


class InvalidDocument(TwotierError):
    code = "invalid_document"
    message = _("The field “%(field)s” is missing or invalid. Nothing was changed.")
    status = 400


class ExceedsTaxPayable(TwotierError):
    code = "exceeds_tax_payable"
    message = _("Only %(payable)s yuan of tax are payable now. Nothing was posted.")


class LineBelongsToPayment(TwotierError):
    code = "line_belongs_to_payment"
    message = _(
        "This line belongs to our payment %(number)s. It is matched automatically when that payment"
        " finishes."
    )


class PaymentNotBookable(TwotierError):
    code = "payment_not_bookable"
    message = _("This is not a manual payment, or it is already booked. Nothing was changed.")


@transaction.atomic
def top_up(
    *, document: str, amount: int, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """Post a transfer from the bank to the provider account. Idempotent by document number.

    If a statement already has it under this number, it is posted from suspense.

    :param document: the provider's number of the top-up, as on its statement
    :param amount: fen
    :raises PermissionMissing, InvalidDocument, DocumentConflict: nothing was changed
    """
    lock_statements()
    document = document.strip()
    posted, is_new = _save_document(
        TreasuryDocument.Kind.TOP_UP, document, amount, by=by, at=at, note=note
    )
    if not is_new:
        return posted
    named = Q(number=document) | Q(provider_no=document) | Q(voucher=document)
    row = StatementLine.objects.filter(
        named, status=StatementLine.Status.SUSPENDED, amount=amount
    ).select_for_update(no_key=True).first()  # fmt: skip
    if row:
        clear_line(row, at=at, by=by, document=posted, cleared_reason=str(posted))
        post_cleared_line(row, platform_account(Kind.BANK), at=at)
    else:
        _post_treasury(posted, Kind.PROVIDER_BALANCE, Kind.BANK, at)
    return posted


@transaction.atomic
def remit_tax(
    *, document: str, amount: int, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """Post a payment of withheld tax to the tax authority. Idempotent by document number.

    The bank pays it. Unlike a top-up, it is never on a provider's statement, so nothing in suspense
    is looked up.

    :param document: the number on the receipt of the tax authority
    :param amount: fen
    :raises ExceedsTaxPayable: less tax is payable
    :raises PermissionMissing, InvalidDocument, DocumentConflict: nothing was changed
    """
    advisory_lock("closing.remittance")
    posted, is_new = _save_document(
        TreasuryDocument.Kind.REMITTANCE, document, amount, by=by, at=at, note=note
    )
    if is_new:
        payable = balance(platform_account(Kind.TAX_PAYABLE))
        if amount > payable:
            raise ExceedsTaxPayable(payable=format_yuan(payable))
        _post_treasury(posted, Kind.TAX_PAYABLE, Kind.BANK, at)
    return posted


@transaction.atomic
def write_off(
    *, document: str, member: Member, amount: int, reason: str, by: User, at: datetime
) -> TreasuryDocument:
    """Write off ``amount`` of a member's debt. Idempotent by document number.

    :raises InsufficientFunds: the member owes less
    :raises SelfApprovalForbidden: it is ``by``'s own debt
    :raises ReasonRequired, PermissionMissing, InvalidDocument, DocumentConflict: nothing was
        changed
    """
    if by.member_id == member.pk:
        raise SelfApprovalForbidden
    posted, is_new = _save_document(
        TreasuryDocument.Kind.WRITE_OFF, document, amount,
        by=by, at=at, note=require_reason(reason), member=member,
    )  # fmt: skip
    if is_new:
        owed = account(member, Asset.CASH, Kind.OWED)
        _post_transfer(posted, platform_account(Kind.BAD_DEBT), owed, Reason.WRITE_OFF, at)
    return posted


@transaction.atomic
def book_bank_payment(
    *, document: str, attempt: Attempt, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """Book a manual payment that is on the bank's statement.

    :raises PaymentNotBookable: it is not manual, has not succeeded or is already booked
    :raises PermissionMissing, InvalidDocument, DocumentConflict: nothing was changed
    """
    posted, is_new = _save_attempt_document(
        attempt, TreasuryDocument.Kind.BANK_PAYMENT, document, by=by, at=at, note=note
    )
    if is_new:
        _post_treasury(posted, Kind.PAYOUT_CLEARING, Kind.BANK, at)
    return posted


@transaction.atomic
def book_batch(
    *, document: str, batch: PayoutBatch, total: int, by: User, at: datetime, note: str = ""
) -> list[TreasuryDocument]:
    """Book the paid payments of a batch that are on the bank's statement as one debit. Idempotent.

    Each payment has its own document, ``{document}/{line of the batch}``, because each is compared
    with its own withdrawal. Payments that are booked already are left out.

    :param total: the sum on the bank's statement in fen
    :raises PaymentNotBookable: no payment of the batch is left to book
    :raises BatchTotalMismatch: ``total`` is not the sum of the payments to book
    :raises PermissionMissing, InvalidDocument, DocumentConflict: nothing was changed
    """
    require_permission(by, POST_PERMISSION)
    lock_statements()
    document = document.strip()
    lines = batch.lines.select_related("attempt").filter(attempt__state=Attempt.State.SUCCESS)
    kind = TreasuryDocument.Kind.BANK_PAYMENT
    booked = {
        row.attempt_id: row.number
        for row in TreasuryDocument.objects.active().filter(
            kind=kind, attempt__batch_line__batch=batch
        )
    }
    numbers = {line.attempt_id: f"{document}/{line.position}" for line in lines}
    # Those of an earlier call with this document are among them: a retry gets the same documents.
    mine = [
        line for line in lines.order_by("position")
        if booked.get(line.attempt_id, numbers[line.attempt_id]) == numbers[line.attempt_id]
    ]  # fmt: skip
    if not mine:
        raise PaymentNotBookable
    actual = sum(line.attempt.amount for line in mine)
    if actual != total:
        raise BatchTotalMismatch(actual=format_yuan(actual), entered=format_yuan(total))
    return [
        book_bank_payment(
            document=numbers[line.attempt_id], attempt=line.attempt, by=by, at=at, note=note
        )
        for line in mine
    ]


@transaction.atomic
def book_bank_return(
    *, document: str, attempt: Attempt, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """Book the return of a booked manual payment to the bank.

    :raises PaymentNotBookable: it is not booked, its withdrawal is not returned, or the return is
        already booked
    :raises PermissionMissing, InvalidDocument, DocumentConflict: nothing was changed
    """
    posted, is_new = _save_attempt_document(
        attempt, TreasuryDocument.Kind.BANK_RETURN, document, by=by, at=at, note=note
    )
    if is_new:
        _post_treasury(posted, Kind.BANK, Kind.PAYOUT_CLEARING, at)
    return posted


@transaction.atomic
def clear_as_bank_transfer(*, row: StatementLine, reason: str, by: User, at: datetime) -> None:
    """Clear a line in suspense that was a movement between the provider and the bank.

    :raises WrongStatus: it is not in suspense
    :raises LineBelongsToPayment: it names a payment that may still match
    :raises PermissionMissing, ReasonRequired: nothing was changed
    """
    require_permission(by, POST_PERMISSION)
    reason = require_reason(reason)
    lock_statements()
    attempts = Attempt.objects.filter(out_bill_no=row.voucher)
    unmatched = Q(state=Attempt.State.SUCCESS, statement_line=None, amount=-row.amount)
    if attempts.filter(Q(ended_at=None) | unmatched).exists():
        raise LineBelongsToPayment(number=row.voucher)
    row = StatementLine.objects.select_for_update(no_key=True).get(pk=row.pk)
    status.expect(row, StatementLine.Status.SUSPENDED, to=StatementLine.Status.CLEARED)
    clear_line(row, at=at, by=by, cleared_reason=reason)
    post_cleared_line(row, platform_account(Kind.BANK), at=at)


def _save_attempt_document(
    attempt: Attempt, kind: TreasuryDocument.Kind, number: str, *, by: User, at: datetime, note: str
) -> tuple[TreasuryDocument, bool]:
    """Save a document about a manual payment; a payment has at most one of each kind."""
    lock_statements()
    attempt = Attempt.objects.select_related("withdrawal").get(pk=attempt.pk)
    if attempt.gateway != "manual" or attempt.state != Attempt.State.SUCCESS:
        raise PaymentNotBookable
    active = TreasuryDocument.objects.active().filter(attempt=attempt)
    if active.filter(kind=kind).exclude(number=number.strip()).exists():
        raise PaymentNotBookable
    if kind == TreasuryDocument.Kind.BANK_RETURN and not (
        attempt.withdrawal.status == Withdrawal.Status.RETURNED
        and active.filter(kind=TreasuryDocument.Kind.BANK_PAYMENT).exists()
    ):
        raise PaymentNotBookable
    return _save_document(kind, number, attempt.amount, by=by, at=at, note=note, attempt=attempt)


def _save_document(
    kind: TreasuryDocument.Kind, number: str, amount: int, *, by: User, at: datetime, note: str,
    member: Member | None = None, attempt: Attempt | None = None,
) -> tuple[TreasuryDocument, bool]:  # fmt: skip
    require_permission(by, POST_PERMISSION)
    require_may_review(by.pk)
    number = number.strip()
    if not 0 < len(number) <= MAX_NUMBER_LENGTH or not number.isprintable():
        raise InvalidDocument(field="number")
    if amount <= 0:
        raise InvalidDocument(field="amount")
    lock_document(kind, number)
    existing = TreasuryDocument.objects.active().filter(kind=kind, number=number).first()
    content = (amount, member and member.pk, attempt and attempt.pk)
    if existing:
        if (existing.amount, existing.member_id, existing.attempt_id) != content:
            raise DocumentConflict(number=number)
        return existing, False
    reuse_count = TreasuryDocument.objects.filter(kind=kind, number=number).count()
    posted = TreasuryDocument.objects.create(
        kind=kind, number=number, reuse_count=reuse_count, amount=amount, member=member,
        attempt=attempt, note=note.strip()[:200], by=by, by_member=by.member_id or 0, at=at,
    )  # fmt: skip
    record(CLOSING_DOCUMENT_POSTED, posted, at=at, by=by, kind=kind, number=number, amount=amount)
    return posted, True


def _post_treasury(document: TreasuryDocument, debit: Kind, credit: Kind, at: datetime) -> None:
    _post_transfer(document, platform_account(debit), platform_account(credit), Reason.TREASURY, at)


def _post_transfer(
    document: TreasuryDocument, debit: Account, credit: Account, reason: Reason, at: datetime
) -> None:
    transfer(
        key=document.key,
        debit=debit,
        credit=credit,
        amount=document.amount,
        reason=reason,
        source=transfer_source(document),
        effective_at=at,
    )


def transfer_source(document: TreasuryDocument) -> Source:
    return Source("closing.treasurydocument", str(document.pk))
