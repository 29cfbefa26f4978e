"""The provider's bill comes in: kept as it is, matched with what we paid, and posted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.models import BillFile, BillRow, Document
from closing.rules import Fault, Faulty, Line, read_bill
from closing.services.refusals import check_may
from closing.words import FAULTS
from common.errors import TwotierError
from common.locks import take_turns
from events.services import happened
from ledger.chart import Kind, Reason
from ledger.models import Account
from ledger.services import Posting, platform, transfer_many
from members.models import User
from withdrawals.models import Attempt

SHOWN = 10
Status = BillRow.Status


class WrongHash(TwotierError):
    code = "wrong_hash"
    message = _("The file is not the one that the hash belongs to: its SHA1 is %(found)s.")
    status = 400


class NotABill(TwotierError):
    """``data["faults"]`` names each with line, column, code and what is there."""

    code = "not_a_bill"
    message = _("The bill cannot be read. Nothing was imported. %(words)s")
    status = 400


class AnotherBill(TwotierError):
    code = "another_bill"
    message = _("Another bill of %(day)s has been imported before. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Imported:
    file: BillFile
    is_new: bool
    suspended: int
    """Rows that nothing of ours explains."""


@transaction.atomic
def keep_that_nothing_moved(*, day: date, gateway: str, at: datetime) -> None:
    """The provider has said that it has no bill of a day; again: nothing."""
    take_turns("closing.bill")
    files = BillFile.objects.filter(gateway=gateway)
    if files.filter(day=day).exists():
        return
    file = BillFile.objects.create(
        gateway=gateway, day=day, sha1=hashlib.sha1(b"", usedforsecurity=False).hexdigest(),
        content=b"", rows=0, closing_balance=0, imported_at=at,
    )  # fmt: skip
    happened("closing.no_bill", file, at=at, gateway=gateway, day=day)


def import_bill(
    *, day: date, content: bytes, sha1: str, at: datetime, gateway: str = "wechat",
    by: User | None = None,
) -> Imported:  # fmt: skip
    """Keep a day's bill, and book each of its rows against what we paid; the same again: nothing.

    A row that nothing explains is booked to suspense, and the next control names it.

    :param content: the plain file, unpacked
    :param sha1: as the provider has said it
    :param by: who has brought the file; ``None``: it was fetched
    :raises NotAllowed: no right to import
    :raises WrongHash, NotABill, AnotherBill: nothing was changed
    """
    if by:
        check_may(by, "import_bill")
    found = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    if found != sha1.strip().lower():
        raise WrongHash(found=found)
    try:
        lines = read_bill(content, day)
    except Faulty as wrong:
        raise _not_a_bill(wrong.faults) from None
    with transaction.atomic():
        take_turns("closing.bill")
        known = BillFile.objects.filter(gateway=gateway, day=day, rows__gt=0).first()
        if known:
            if known.sha1 != found:
                raise AnotherBill(day=day)
            return Imported(known, is_new=False, suspended=0)
        _refuse_known(lines)
        file = BillFile.objects.create(
            gateway=gateway, day=day, sha1=found, content=content, rows=len(lines),
            closing_balance=lines[-1].balance, imported_at=at, by=by,
        )  # fmt: skip
        rows = _matched(file, lines)
        BillRow.objects.bulk_create(rows)
        _post(rows)
        match_suspended(at=at)
        left = BillRow.objects.filter(file=file, status=Status.SUSPENDED).count()
        happened(
            "closing.bill_imported", file, at=at, by=by,
            gateway=gateway, day=day, sha1=found, rows=len(rows), suspended=left,
        )  # fmt: skip
        return Imported(file, is_new=True, suspended=left)


@transaction.atomic
def match_suspended(*, at: datetime) -> int:
    """Look again at what is in suspense: payments that have succeeded since, and what came back.

    :returns: how many rows have been explained
    """
    waiting = list(
        BillRow.objects.select_for_update(no_key=True, of=("self",))
        .filter(status=Status.SUSPENDED)
        .exclude(voucher="")
        .select_related("file")
        .order_by("pk")
    )
    # What has a row already does not get another: it may have been paid twice.
    attempts = Attempt.objects.filter(bill_row=None).in_bulk(
        [row.voucher for row in waiting], field_name="out_bill_no"
    )
    explained = 0
    for row in waiting:
        attempt = attempts.get(row.voucher)
        if attempt is None or attempt.gateway != row.file.gateway or row.status != Status.SUSPENDED:
            continue
        if _pays(row, attempt):
            clear(row, at=at, attempt=attempt, why=str(_("The payment has succeeded since.")))
            post_cleared(row, platform(Kind.PAYOUT_CLEARING), at=at)
            del attempts[row.voucher]
            explained += 1
        elif attempt.state in Attempt.PROVEN_UNPAID and (back := _back(row, waiting)):
            for one in (row, back):
                clear(one, at=at, why=str(_("It was not paid: the money came back.")))
            explained += 2
    return explained


def clear(
    row: BillRow, *, at: datetime, why: str, by: User | None = None,
    attempt: Attempt | None = None, document: Document | None = None,
) -> None:  # fmt: skip
    """The row is locked, and in suspense."""
    row.status, row.cleared_at, row.cleared_by, row.why = Status.CLEARED, at, by, why[:200]
    row.attempt, row.document = attempt, document
    row.save(update_fields=["status", "cleared_at", "cleared_by", "why", "attempt", "document"])
    happened("closing.row_cleared", row, at=at, by=by, number=row.number, why=row.why)


def post_cleared(row: BillRow, account: Account, *, at: datetime) -> None:
    """Move what a row left in suspense on to the account that it belongs to."""
    transfer_many(
        [_posting(row, f"bill:{row.number}:cleared", account, platform(Kind.SUSPENSE), at)]
    )


def _matched(file: BillFile, lines: Sequence[Line]) -> list[BillRow]:
    attempts = {
        attempt.out_bill_no: attempt
        for attempt in Attempt.objects.filter(
            out_bill_no__in=[line.voucher for line in lines], gateway=file.gateway, bill_row=None
        )
    }
    numbers = {number for line in lines if line.amount > 0 for number in _numbers(line)}
    top_ups = {
        document.number: document
        for document in Document.objects.standing().filter(
            kind=Document.Kind.TOP_UP, number__in=numbers, bill_row=None
        )
    }
    rows = []
    for line in lines:
        row = BillRow(file=file, status=Status.SUSPENDED, **asdict(line))
        if (attempt := attempts.get(line.voucher)) and _pays(row, attempt):
            row.status, row.attempt = Status.MATCHED, attempts.pop(line.voucher)
        for number in _numbers(line):
            document = top_ups.get(number)
            if document and document.amount == line.amount and not row.document_id:
                row.status, row.document = Status.MATCHED, top_ups.pop(number)
        rows.append(row)
    return rows


def _post(rows: Iterable[BillRow]) -> None:
    clearing, suspense = platform(Kind.PAYOUT_CLEARING), platform(Kind.SUSPENSE)
    provider = platform(Kind.PROVIDER_BALANCE)
    transfer_many(
        # A top-up that finance has posted is in the balance already.
        _posting(row, f"bill:{row.number}", clearing if row.attempt_id else suspense, provider,
                 row.at)
        for row in rows
        if not row.document_id
    )  # fmt: skip


def _posting(row: BillRow, key: str, other: Account, here: Account, at: datetime) -> Posting:
    """What went out is debited to the other account; what came in is credited to it."""
    debit, credit = (other, here) if row.amount < 0 else (here, other)
    return Posting(
        key=key, debit_id=debit.pk, credit_id=credit.pk, amount=abs(row.amount),
        reason=Reason.BILL, source_kind="closing.billrow", source_id=row.number, effective_at=at,
    )  # fmt: skip


def _pays(row: BillRow, attempt: Attempt) -> bool:
    return attempt.state == Attempt.State.SUCCESS and row.amount == -attempt.amount


def _back(row: BillRow, waiting: Iterable[BillRow]) -> BillRow | None:
    """The movement that undoes this one."""
    return next(
        (
            other
            for other in waiting
            if other.voucher == row.voucher
            and other.amount == -row.amount
            and other.status == Status.SUSPENDED
        ),
        None,
    )


def _numbers(line: Line) -> list[str]:
    """A top-up is named by any of these on its document."""
    return [each for each in (line.number, line.provider_no, line.voucher) if each]


def _refuse_known(lines: Sequence[Line]) -> None:
    known = set(
        BillRow.objects.filter(number__in=[line.number for line in lines]).values_list(
            "number", flat=True
        )
    )
    if faults := [
        Fault(line.line, 3, "twice", line.number) for line in lines if line.number in known
    ]:
        raise _not_a_bill(faults)


def _not_a_bill(faults: Sequence[Fault]) -> NotABill:
    words = [
        _("Line %(line)s, column %(column)s: %(what)s (“%(found)s”).")
        % {**asdict(fault), "what": FAULTS[fault.code]}
        for fault in faults[:SHOWN]
    ]
    return NotABill(words=" ".join(words), faults=[asdict(fault) for fault in faults])
