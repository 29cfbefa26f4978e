"""Money that finance moves outside, posted by its document; each document counts once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from closing.events import CLOSING_DOCUMENT_POSTED
from closing.models import StatementLine, TreasuryDocument
from closing.models.document import MAX_NUMBER_LENGTH
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
from withdrawals.models import Attempt, Withdrawal

POST_PERMISSION = "closing.post_documents"


class DocumentConflict(TwotierError):
    code = "document_conflict"
    message = _(
        "The document “%(number)s” has been posted with other content. Nothing was changed."
    )


class InvalidDocument(TwotierError):
    code = "invalid_document"
    message = _("“%(what)s” is missing or cannot be right. Nothing was changed.")
    status = 400


class ExceedsTaxPayable(TwotierError):
    code = "exceeds_tax_payable"
    message = _("%(payable)s yuan of tax are payable now, no more. Nothing was posted.")


class LineBelongsToPayment(TwotierError):
    code = "line_belongs_to_payment"
    message = _(
        "This row has the number of a payment of ours (%(number)s): it explains itself once that"
        " has ended."
    )


class PaymentNotBookable(TwotierError):
    code = "payment_not_bookable"
    message = _("This was not paid by hand, or is booked already. Nothing was changed.")


@transaction.atomic
def top_up(
    *, document: str, amount: int, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """Money has gone from the bank to the account at the provider.

    If the bill has told of it before, under the document's number, it is in suspense, and is
    booked from there.

    :param document: the provider's number of the top-up, as its bill names it
    :param amount: fen
    :returns: the document; the first one, when it comes again with the same content
    :raises PermissionMissing, NotADocument, DocumentReused: nothing was changed
    """
    advisory_lock("closing.statement")
    document = document.strip()
    made, is_new = _save_document(
        TreasuryDocument.Kind.TOP_UP, document, amount, by=by, at=at, note=note
    )
    if not is_new:
        return made
    named = Q(number=document) | Q(provider_no=document) | Q(voucher=document)
    row = StatementLine.objects.filter(
        named, status=StatementLine.Status.SUSPENDED, amount=amount
    ).select_for_update(no_key=True).first()  # fmt: skip
    if row:
        clear_line(row, at=at, by=by, document=made, cleared_reason=str(made))
        post_cleared_line(row, platform_account(Kind.BANK), at=at)
    else:
        _post_transfer(
            made,
            platform_account(Kind.PROVIDER_BALANCE),
            platform_account(Kind.BANK),
            Reason.TREASURY,
            at,
        )
    return made


@transaction.atomic
def remit_tax(
    *, document: str, amount: int, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """Withheld tax was paid to the tax authority, from the bank; as for ``top_up``.

    :raises MoreThanPayable: so much was not withheld
    """
    advisory_lock("closing.remittance")
    made, is_new = _save_document(
        TreasuryDocument.Kind.REMITTANCE, document, amount, by=by, at=at, note=note
    )
    if is_new:
        payable = balance(platform_account(Kind.TAX_PAYABLE))
        if amount > payable:
            raise ExceedsTaxPayable(payable=format_yuan(payable))
        _post_transfer(
            made,
            platform_account(Kind.TAX_PAYABLE),
            platform_account(Kind.BANK),
            Reason.TREASURY,
            at,
        )
    return made


@transaction.atomic
def write_off(
    *, document: str, member: Member, amount: int, reason: str, by: User, at: datetime
) -> TreasuryDocument:
    """Give up what a member owes, as far as ``amount``.

    :raises InsufficientFunds: they owe less
    :raises NotYours: it is one's own debt
    :raises NoReason, PermissionMissing, NotADocument, DocumentReused: nothing was changed
    """
    if by.member_id == member.pk:
        raise SelfApprovalForbidden
    made, is_new = _save_document(
        TreasuryDocument.Kind.WRITE_OFF,
        document,
        amount,
        by=by,
        at=at,
        note=require_reason(reason),
        member=member,
    )
    if is_new:
        owed = account(member, Asset.CASH, Kind.OWED)
        _post_transfer(made, platform_account(Kind.BAD_DEBT), owed, Reason.WRITE_OFF, at)
    return made


@transaction.atomic
def book_bank_payment(
    *, document: str, attempt: Attempt, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """A payment by hand is on the bank's statement: it takes the place of the provider's bill.

    :raises NotPayable: it is not by hand, or has not succeeded, or is booked
    :raises PermissionMissing, NotADocument, DocumentReused: nothing was changed
    """
    made, is_new = _save_attempt_document(
        attempt, TreasuryDocument.Kind.BANK_PAYMENT, document, by=by, at=at, note=note
    )
    if is_new:
        _post_transfer(
            made,
            platform_account(Kind.PAYOUT_CLEARING),
            platform_account(Kind.BANK),
            Reason.TREASURY,
            at,
        )
    return made


@transaction.atomic
def book_bank_return(
    *, document: str, attempt: Attempt, by: User, at: datetime, note: str = ""
) -> TreasuryDocument:
    """A payment by hand that was booked, and has been returned to its member, is back in the bank.

    :raises NotPayable: it was not booked, not returned, or is booked back
    :raises PermissionMissing, NotADocument, DocumentReused: nothing was changed
    """
    made, is_new = _save_attempt_document(
        attempt, TreasuryDocument.Kind.BANK_RETURN, document, by=by, at=at, note=note
    )
    if is_new:
        _post_transfer(
            made,
            platform_account(Kind.BANK),
            platform_account(Kind.PAYOUT_CLEARING),
            Reason.TREASURY,
            at,
        )
    return made


@transaction.atomic
def explain_line(*, row: StatementLine, reason: str, by: User, at: datetime) -> None:
    """Say what a row in suspense was, when it was money between the provider and the bank.

    :raises WrongStatus: it is not in suspense
    :raises MayBeOurs: it names a payment of ours that is not proven unpaid
    :raises PermissionMissing, NoReason: nothing was changed
    """
    require_permission(by, POST_PERMISSION)
    reason = require_reason(reason)
    advisory_lock("closing.statement")
    ours = Attempt.objects.filter(out_bill_no=row.voucher)
    still_to_match = Q(state=Attempt.State.SUCCESS, statement_line=None, amount=-row.amount)
    if ours.filter(Q(ended_at=None) | still_to_match).exists():
        raise LineBelongsToPayment(number=row.voucher)
    row = StatementLine.objects.select_for_update(no_key=True).get(pk=row.pk)
    status.expect(row, StatementLine.Status.SUSPENDED, to=StatementLine.Status.CLEARED)
    clear_line(row, at=at, by=by, cleared_reason=reason)
    post_cleared_line(row, platform_account(Kind.BANK), at=at)


def _save_attempt_document(
    attempt: Attempt, kind: TreasuryDocument.Kind, number: str, *, by: User, at: datetime, note: str
) -> tuple[TreasuryDocument, bool]:
    """A document about a payment by hand; each kind once for each payment."""
    advisory_lock("closing.statement")
    attempt = Attempt.objects.select_related("withdrawal").get(pk=attempt.pk)
    is_return = kind == TreasuryDocument.Kind.BANK_RETURN
    if attempt.gateway != "manual" or attempt.state != Attempt.State.SUCCESS:
        raise PaymentNotBookable
    active = TreasuryDocument.objects.active().filter(attempt=attempt)
    if active.filter(kind=kind).exclude(number=number.strip()).exists():
        raise PaymentNotBookable
    if is_return and not (
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
    number = number.strip()
    if not 0 < len(number) <= MAX_NUMBER_LENGTH or not number.isprintable():
        raise InvalidDocument(what="number")
    if amount <= 0:
        raise InvalidDocument(what="amount")
    advisory_lock(document_lock_key(kind, number))
    known = TreasuryDocument.objects.active().filter(kind=kind, number=number).first()
    content = (amount, member and member.pk, attempt and attempt.pk)
    if known:
        if (known.amount, known.member_id, known.attempt_id) != content:
            raise DocumentConflict(number=number)
        return known, False
    made = TreasuryDocument.objects.create(
        kind=kind, number=number, reuse_count=TreasuryDocument.objects.filter(kind=kind, number=number).count(),
        amount=amount, member=member, attempt=attempt,
        note=note.strip()[:200], by=by, at=at,
    )  # fmt: skip
    record(CLOSING_DOCUMENT_POSTED, made, at=at, by=by, kind=kind, number=number, amount=amount)
    return made, True


def _post_transfer(
    made: TreasuryDocument, debit: Account, credit: Account, reason: Reason, at: datetime
) -> None:
    transfer(
        key=made.key,
        debit=debit,
        credit=credit,
        amount=made.amount,
        reason=reason,
        source=transfer_source(made),
        effective_at=at,
    )


def document_lock_key(kind: str, number: str) -> str:
    """Who posts or reverses a number takes turns with the others."""
    return f"closing.treasurydocument:{kind}:{number}"


def transfer_source(document: TreasuryDocument) -> Source:
    return Source("closing.treasurydocument", str(document.pk))
