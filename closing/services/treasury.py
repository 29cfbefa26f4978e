"""Money that finance moves outside, posted by its document; each document counts once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from closing.models import BillRow, Document
from closing.models.document import LONGEST_NUMBER
from closing.services.importing import clear, post_cleared
from closing.services.refusals import NotYours, check_may, given
from common import status
from common.errors import TwotierError
from common.locks import take_turns
from common.money import format_yuan
from events.services import happened
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.queries import balance
from ledger.services import Source, account, platform, transfer
from members.models import Member, User
from withdrawals.models import Attempt, Withdrawal

POST = "post_documents"


class DocumentReused(TwotierError):
    code = "document_reused"
    message = _(
        "The document “%(number)s” has been posted with other content. Nothing was changed."
    )


class NotADocument(TwotierError):
    code = "not_a_document"
    message = _("“%(what)s” is missing or cannot be right. Nothing was changed.")
    status = 400


class MoreThanPayable(TwotierError):
    code = "more_than_payable"
    message = _("%(payable)s yuan of tax are payable now, no more. Nothing was posted.")


class MayBeOurs(TwotierError):
    code = "may_be_ours"
    message = _(
        "This row has the number of a payment of ours (%(number)s): it explains itself once that"
        " has ended."
    )


class NotPayable(TwotierError):
    code = "not_payable"
    message = _("This was not paid by hand, or is booked already. Nothing was changed.")


@transaction.atomic
def top_up(*, document: str, amount: int, by: User, at: datetime, note: str = "") -> Document:
    """Money has gone from the bank to the account at the provider.

    If the bill has told of it before, under the document's number, it is in suspense, and is
    booked from there.

    :param document: the provider's number of the top-up, as its bill names it
    :param amount: fen
    :returns: the document; the first one, when it comes again with the same content
    :raises NotAllowed, NotADocument, DocumentReused: nothing was changed
    """
    take_turns("closing.bill")
    document = document.strip()
    made, is_new = _keep(Document.Kind.TOP_UP, document, amount, by=by, at=at, note=note)
    if not is_new:
        return made
    named = Q(number=document) | Q(provider_no=document) | Q(voucher=document)
    row = BillRow.objects.filter(
        named, status=BillRow.Status.SUSPENDED, amount=amount
    ).select_for_update(no_key=True).first()  # fmt: skip
    if row:
        clear(row, at=at, by=by, document=made, why=str(made))
        post_cleared(row, platform(Kind.BANK), at=at)
    else:
        _move(made, platform(Kind.PROVIDER_BALANCE), platform(Kind.BANK), Reason.TREASURY, at)
    return made


@transaction.atomic
def remit_tax(*, document: str, amount: int, by: User, at: datetime, note: str = "") -> Document:
    """Withheld tax was paid to the tax authority, from the bank; as for ``top_up``.

    :raises MoreThanPayable: so much was not withheld
    """
    take_turns("closing.remittance")
    made, is_new = _keep(Document.Kind.REMITTANCE, document, amount, by=by, at=at, note=note)
    if is_new:
        payable = balance(platform(Kind.TAX_PAYABLE))
        if amount > payable:
            raise MoreThanPayable(payable=format_yuan(payable))
        _move(made, platform(Kind.TAX_PAYABLE), platform(Kind.BANK), Reason.TREASURY, at)
    return made


@transaction.atomic
def write_off(
    *, document: str, member: Member, amount: int, reason: str, by: User, at: datetime
) -> Document:
    """Give up what a member owes, as far as ``amount``.

    :raises InsufficientFunds: they owe less
    :raises NotYours: it is one's own debt
    :raises NoReason, NotAllowed, NotADocument, DocumentReused: nothing was changed
    """
    if by.member_id == member.pk:
        raise NotYours
    made, is_new = _keep(
        Document.Kind.WRITE_OFF, document, amount, by=by, at=at, note=given(reason), member=member
    )
    if is_new:
        owed = account(member, Asset.CASH, Kind.OWED)
        _move(made, platform(Kind.BAD_DEBT), owed, Reason.WRITE_OFF, at)
    return made


@transaction.atomic
def book_bank_payment(
    *, document: str, attempt: Attempt, by: User, at: datetime, note: str = ""
) -> Document:
    """A payment by hand is on the bank's statement: it takes the place of the provider's bill.

    :raises NotPayable: it is not by hand, or has not succeeded, or is booked
    :raises NotAllowed, NotADocument, DocumentReused: nothing was changed
    """
    made, is_new = _keep_of(attempt, Document.Kind.BANK_PAYMENT, document, by=by, at=at, note=note)
    if is_new:
        _move(made, platform(Kind.PAYOUT_CLEARING), platform(Kind.BANK), Reason.TREASURY, at)
    return made


@transaction.atomic
def book_bank_return(
    *, document: str, attempt: Attempt, by: User, at: datetime, note: str = ""
) -> Document:
    """A payment by hand that was booked, and has been returned to its member, is back in the bank.

    :raises NotPayable: it was not booked, not returned, or is booked back
    :raises NotAllowed, NotADocument, DocumentReused: nothing was changed
    """
    made, is_new = _keep_of(attempt, Document.Kind.BANK_RETURN, document, by=by, at=at, note=note)
    if is_new:
        _move(made, platform(Kind.BANK), platform(Kind.PAYOUT_CLEARING), Reason.TREASURY, at)
    return made


@transaction.atomic
def explain_row(*, row: BillRow, reason: str, by: User, at: datetime) -> None:
    """Say what a row in suspense was, when it was money between the provider and the bank.

    :raises WrongStatus: it is not in suspense
    :raises MayBeOurs: it names a payment of ours that is not proven unpaid
    :raises NotAllowed, NoReason: nothing was changed
    """
    check_may(by, POST)
    reason = given(reason)
    take_turns("closing.bill")
    ours = Attempt.objects.filter(out_bill_no=row.voucher)
    still_to_match = Q(state=Attempt.State.SUCCESS, bill_row=None, amount=-row.amount)
    if ours.filter(Q(ended_at=None) | still_to_match).exists():
        raise MayBeOurs(number=row.voucher)
    row = BillRow.objects.select_for_update(no_key=True).get(pk=row.pk)
    status.expect(row, BillRow.Status.SUSPENDED, to=BillRow.Status.CLEARED)
    clear(row, at=at, by=by, why=reason)
    post_cleared(row, platform(Kind.BANK), at=at)


def _keep_of(
    attempt: Attempt, kind: Document.Kind, number: str, *, by: User, at: datetime, note: str
) -> tuple[Document, bool]:
    """A document about a payment by hand; each kind once for each payment."""
    take_turns("closing.bill")
    attempt = Attempt.objects.select_related("withdrawal").get(pk=attempt.pk)
    is_return = kind == Document.Kind.BANK_RETURN
    if attempt.gateway != "manual" or attempt.state != Attempt.State.SUCCESS:
        raise NotPayable
    standing = Document.objects.standing().filter(attempt=attempt)
    if standing.filter(kind=kind).exclude(number=number.strip()).exists():
        raise NotPayable
    if is_return and not (
        attempt.withdrawal.status == Withdrawal.Status.RETURNED
        and standing.filter(kind=Document.Kind.BANK_PAYMENT).exists()
    ):
        raise NotPayable
    return _keep(kind, number, attempt.amount, by=by, at=at, note=note, attempt=attempt)


def _keep(
    kind: Document.Kind, number: str, amount: int, *, by: User, at: datetime, note: str,
    member: Member | None = None, attempt: Attempt | None = None,
) -> tuple[Document, bool]:  # fmt: skip
    check_may(by, POST)
    number = number.strip()
    if not 0 < len(number) <= LONGEST_NUMBER or not number.isprintable():
        raise NotADocument(what="number")
    if amount <= 0:
        raise NotADocument(what="amount")
    take_turns(turn_of(kind, number))
    known = Document.objects.standing().filter(kind=kind, number=number).first()
    content = (amount, member and member.pk, attempt and attempt.pk)
    if known:
        if (known.amount, known.member_id, known.attempt_id) != content:
            raise DocumentReused(number=number)
        return known, False
    made = Document.objects.create(
        kind=kind, number=number, turn=Document.objects.filter(kind=kind, number=number).count(),
        amount=amount, member=member, attempt=attempt,
        note=note.strip()[:200], by=by, at=at,
    )  # fmt: skip
    happened("closing.document_posted", made, at=at, by=by, kind=kind, number=number, amount=amount)
    return made, True


def _move(made: Document, debit: Account, credit: Account, reason: Reason, at: datetime) -> None:
    transfer(
        key=made.key,
        debit=debit,
        credit=credit,
        amount=made.amount,
        reason=reason,
        source=source_of(made),
        effective_at=at,
    )


def turn_of(kind: str, number: str) -> str:
    """Who posts or reverses a number takes turns with the others."""
    return f"closing.document:{kind}:{number}"


def source_of(document: Document) -> Source:
    return Source("closing.document", str(document.pk))
