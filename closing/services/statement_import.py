"""The provider's bill comes in: kept as it is, matched with what we paid, and posted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.display import FAULT_LABELS
from closing.events import (
    CLOSING_STATEMENT_EMPTY,
    CLOSING_STATEMENT_IMPORTED,
    CLOSING_STATEMENT_LINE_CLEARED,
)
from closing.models import ProviderStatement, StatementLine, TreasuryDocument
from closing.statement_parser import Fault, ParsedLine, ParseFailed, parse_statement
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission
from events.services import record
from ledger.chart import Kind, Reason
from ledger.models import Account
from ledger.services import Posting, platform_account, transfer_many
from members.models import User
from withdrawals.models import Attempt

MAX_SHOWN = 10
Status = StatementLine.Status


class HashMismatch(TwotierError):
    code = "hash_mismatch"
    message = _("The file is not the one that the hash belongs to: its SHA1 is %(found)s.")
    status = 400


class InvalidStatement(TwotierError):
    """``data["faults"]`` names each with line, column, code and what is there."""

    code = "invalid_statement"
    message = _("The bill cannot be read. Nothing was imported. %(words)s")
    status = 400


class StatementConflict(TwotierError):
    code = "statement_conflict"
    message = _("Another bill of %(day)s has been imported before. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class ImportResult:
    file: ProviderStatement
    is_new: bool
    suspended: int
    """Rows that nothing of ours explains."""


@transaction.atomic
def record_empty_statement(*, day: date, gateway: str, at: datetime) -> None:
    """The provider has said that it has no bill of a day; again: nothing."""
    advisory_lock("closing.statement")
    files = ProviderStatement.objects.filter(gateway=gateway)
    if files.filter(day=day).exists():
        return
    file = ProviderStatement.objects.create(
        gateway=gateway, day=day, sha1=hashlib.sha1(b"", usedforsecurity=False).hexdigest(),
        content=b"", rows=0, closing_balance=0, imported_at=at,
    )  # fmt: skip
    record(CLOSING_STATEMENT_EMPTY, file, at=at, gateway=gateway, day=day)


def import_bill(
    *, day: date, content: bytes, sha1: str, at: datetime, gateway: str = "wechat",
    by: User | None = None,
) -> ImportResult:  # fmt: skip
    """Keep a day's bill, and book each of its rows against what we paid; the same again: nothing.

    A row that nothing explains is booked to suspense, and the next control names it.

    :param content: the plain file, unpacked
    :param sha1: as the provider has said it
    :param by: who has brought the file; ``None``: it was fetched
    :raises PermissionMissing: no right to import
    :raises WrongHash, NotABill, AnotherBill: nothing was changed
    """
    if by:
        require_permission(by, "closing.import_bill")
    found = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    if found != sha1.strip().lower():
        raise HashMismatch(found=found)
    try:
        lines = parse_statement(content, day)
    except ParseFailed as wrong:
        raise _invalid_statement(wrong.faults) from None
    with transaction.atomic():
        advisory_lock("closing.statement")
        known = ProviderStatement.objects.filter(gateway=gateway, day=day, rows__gt=0).first()
        if known:
            if known.sha1 != found:
                raise StatementConflict(day=day)
            return ImportResult(known, is_new=False, suspended=0)
        _reject_known_lines(lines)
        file = ProviderStatement.objects.create(
            gateway=gateway, day=day, sha1=found, content=content, rows=len(lines),
            closing_balance=lines[-1].balance, imported_at=at, by=by,
        )  # fmt: skip
        rows = _match_lines(file, lines)
        StatementLine.objects.bulk_create(rows)
        _post(rows)
        match_suspended(at=at)
        left = StatementLine.objects.filter(file=file, status=Status.SUSPENDED).count()
        record(
            CLOSING_STATEMENT_IMPORTED, file, at=at, by=by,
            gateway=gateway, day=day, sha1=found, rows=len(rows), suspended=left,
        )  # fmt: skip
        return ImportResult(file, is_new=True, suspended=left)


@transaction.atomic
def match_suspended(*, at: datetime) -> int:
    """Look again at what is in suspense: payments that have succeeded since, and what came back.

    :returns: how many rows have been explained
    """
    waiting = list(
        StatementLine.objects.select_for_update(no_key=True, of=("self",))
        .filter(status=Status.SUSPENDED)
        .exclude(voucher="")
        .select_related("file")
        .order_by("pk")
    )
    # What has a row already does not get another: it may have been paid twice.
    attempts = Attempt.objects.filter(statement_line=None).in_bulk(
        [row.voucher for row in waiting], field_name="out_bill_no"
    )
    explained = 0
    for row in waiting:
        attempt = attempts.get(row.voucher)
        if attempt is None or attempt.gateway != row.file.gateway or row.status != Status.SUSPENDED:
            continue
        if _settles(row, attempt):
            clear_line(
                row,
                at=at,
                attempt=attempt,
                cleared_reason=str(_("The payment has succeeded since.")),
            )
            post_cleared_line(row, platform_account(Kind.PAYOUT_CLEARING), at=at)
            del attempts[row.voucher]
            explained += 1
        elif attempt.state in Attempt.PROVEN_UNPAID and (back := _find_return(row, waiting)):
            for one in (row, back):
                clear_line(
                    one, at=at, cleared_reason=str(_("It was not paid: the money came back."))
                )
            explained += 2
    return explained


def clear_line(
    row: StatementLine, *, at: datetime, cleared_reason: str, by: User | None = None,
    attempt: Attempt | None = None, document: TreasuryDocument | None = None,
) -> None:  # fmt: skip
    """The row is locked, and in suspense."""
    row.status, row.cleared_at, row.cleared_by, row.cleared_reason = (
        Status.CLEARED,
        at,
        by,
        cleared_reason[:200],
    )
    row.attempt, row.document = attempt, document
    row.save(
        update_fields=[
            "status",
            "cleared_at",
            "cleared_by",
            "cleared_reason",
            "attempt",
            "document",
        ]
    )
    record(
        CLOSING_STATEMENT_LINE_CLEARED,
        row,
        at=at,
        by=by,
        number=row.number,
        cleared_reason=row.cleared_reason,
    )


def post_cleared_line(row: StatementLine, account: Account, *, at: datetime) -> None:
    """Move what a row left in suspense on to the account that it belongs to."""
    transfer_many(
        [_posting(row, f"bill:{row.number}:cleared", account, platform_account(Kind.SUSPENSE), at)]
    )


def _match_lines(file: ProviderStatement, lines: Sequence[ParsedLine]) -> list[StatementLine]:
    attempts = {
        attempt.out_bill_no: attempt
        for attempt in Attempt.objects.filter(
            out_bill_no__in=[line.voucher for line in lines],
            gateway=file.gateway,
            statement_line=None,
        )
    }
    numbers = {number for line in lines if line.amount > 0 for number in _numbers(line)}
    top_ups = {
        document.number: document
        for document in TreasuryDocument.objects.active().filter(
            kind=TreasuryDocument.Kind.TOP_UP, number__in=numbers, statement_line=None
        )
    }
    rows = []
    for line in lines:
        row = StatementLine(file=file, status=Status.SUSPENDED, **asdict(line))
        if (attempt := attempts.get(line.voucher)) and _settles(row, attempt):
            row.status, row.attempt = Status.MATCHED, attempts.pop(line.voucher)
        for number in _numbers(line):
            document = top_ups.get(number)
            if document and document.amount == line.amount and not row.document_id:
                row.status, row.document = Status.MATCHED, top_ups.pop(number)
        rows.append(row)
    return rows


def _post(rows: Iterable[StatementLine]) -> None:
    clearing, suspense = platform_account(Kind.PAYOUT_CLEARING), platform_account(Kind.SUSPENSE)
    provider = platform_account(Kind.PROVIDER_BALANCE)
    transfer_many(
        # A top-up that finance has posted is in the balance already.
        _posting(row, f"bill:{row.number}", clearing if row.attempt_id else suspense, provider,
                 row.at)
        for row in rows
        if not row.document_id
    )  # fmt: skip


def _posting(row: StatementLine, key: str, other: Account, here: Account, at: datetime) -> Posting:
    """What went out is debited to the other account; what came in is credited to it."""
    debit, credit = (other, here) if row.amount < 0 else (here, other)
    return Posting(
        key=key, debit_id=debit.pk, credit_id=credit.pk, amount=abs(row.amount),
        reason=Reason.BILL, source_kind="closing.statementline", source_id=row.number, effective_at=at,
    )  # fmt: skip


def _settles(row: StatementLine, attempt: Attempt) -> bool:
    return attempt.state == Attempt.State.SUCCESS and row.amount == -attempt.amount


def _find_return(row: StatementLine, waiting: Iterable[StatementLine]) -> StatementLine | None:
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


def _numbers(line: ParsedLine) -> list[str]:
    """A top-up is named by any of these on its document."""
    return [each for each in (line.number, line.provider_no, line.voucher) if each]


def _reject_known_lines(lines: Sequence[ParsedLine]) -> None:
    known = set(
        StatementLine.objects.filter(number__in=[line.number for line in lines]).values_list(
            "number", flat=True
        )
    )
    if faults := [
        Fault(line.line, 3, "twice", line.number) for line in lines if line.number in known
    ]:
        raise _invalid_statement(faults)


def _invalid_statement(faults: Sequence[Fault]) -> InvalidStatement:
    words = [
        _("Line %(line)s, column %(column)s: %(what)s (“%(found)s”).")
        % {**asdict(fault), "what": FAULT_LABELS[fault.code]}
        for fault in faults[:MAX_SHOWN]
    ]
    return InvalidStatement(words=" ".join(words), faults=[asdict(fault) for fault in faults])
