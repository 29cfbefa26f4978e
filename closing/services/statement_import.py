"""Import provider statements: save the file, match its lines with payments, post them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from closing.events import (
    CLOSING_STATEMENT_EMPTY,
    CLOSING_STATEMENT_IMPORTED,
    CLOSING_STATEMENT_LINE_CLEARED,
)
from closing.models import ProviderStatement, StatementLine, TreasuryDocument
from closing.services.locks import lock_statements
from closing.statement_parser import (
    FAULT_LABELS,
    Fault,
    ParsedLine,
    ParseFailed,
    duplicate,
    parse_statement,
)
from common.errors import TwotierError
from common.requirements import require_permission
from events.services import record
from ledger.chart import Kind, Reason
from ledger.models import Account
from ledger.services import Posting, platform_account, transfer_many
from members.models import User
from withdrawals.models import Attempt

IMPORT_PERMISSION = "closing.import_bill"
MAX_SHOWN = 10
Status = StatementLine.Status


class HashMismatch(TwotierError):
    code = "hash_mismatch"
    message = _("The hash belongs to another file. The SHA1 of this one is %(actual)s.")
    status = 400


class InvalidStatement(TwotierError):
    """``data["faults"]`` lists each fault with line, column, code and actual text."""

    code = "invalid_statement"
    message = _("The statement has faults. Nothing was imported. %(details)s")
    status = 400


class StatementConflict(TwotierError):
    code = "statement_conflict"
    message = _("A different statement of %(day)s is already imported. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class ImportResult:
    statement: ProviderStatement
    is_new: bool
    suspended: int
    """The number of lines in suspense."""


@transaction.atomic
def record_empty_statement(*, day: date, gateway: str, at: datetime) -> None:
    """Save that the provider has no statement for a day. Idempotent."""
    lock_statements()
    if ProviderStatement.objects.filter(gateway=gateway, day=day).exists():
        return
    statement = ProviderStatement.objects.create(
        gateway=gateway, day=day, sha1=hashlib.sha1(b"", usedforsecurity=False).hexdigest(),
        content=b"", rows=0, closing_balance=0, imported_at=at,
    )  # fmt: skip
    record(CLOSING_STATEMENT_EMPTY, statement, at=at, gateway=gateway, day=day)


def import_statement(
    *, day: date, content: bytes, sha1: str, at: datetime, gateway: str = "wechat",
    by: User | None = None,
) -> ImportResult:  # fmt: skip
    """Save a day's statement and post each line against its payment or top-up. Idempotent.

    A line that matches nothing is posted to suspense, and the next control reports it.

    :param content: the uncompressed file
    :param sha1: the hash from the provider
    :param by: the person who uploaded the file; ``None``: it was fetched
    :raises PermissionMissing: ``by`` may not import
    :raises HashMismatch, InvalidStatement, StatementConflict: nothing was changed
    """
    if by:
        require_permission(by, IMPORT_PERMISSION)
    actual = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    if actual != sha1.strip().lower():
        raise HashMismatch(actual=actual)
    try:
        lines = parse_statement(content, day)
    except ParseFailed as error:
        raise _invalid_statement(error.faults) from None
    with transaction.atomic():
        lock_statements()
        existing = ProviderStatement.objects.filter(gateway=gateway, day=day, rows__gt=0).first()
        if existing:
            if existing.sha1 != actual:
                raise StatementConflict(day=day)
            return ImportResult(existing, is_new=False, suspended=0)
        _reject_known_lines(lines)
        statement = ProviderStatement.objects.create(
            gateway=gateway, day=day, sha1=actual, content=content, rows=len(lines),
            closing_balance=lines[-1].balance, imported_at=at, by=by,
        )  # fmt: skip
        rows = _match_lines(statement, lines)
        StatementLine.objects.bulk_create(rows)
        _post(rows)
        match_suspended(at=at)
        suspended = StatementLine.objects.filter(
            statement=statement, status=Status.SUSPENDED
        ).count()
        record(
            CLOSING_STATEMENT_IMPORTED, statement, at=at, by=by,
            gateway=gateway, day=day, sha1=actual, rows=len(rows), suspended=suspended,
        )  # fmt: skip
        return ImportResult(statement, is_new=True, suspended=suspended)


@transaction.atomic
def match_suspended(*, at: datetime) -> int:
    """Match lines in suspense with payments that have succeeded since, or with their return.

    :returns: the number of cleared lines
    """
    suspended = list(
        StatementLine.objects.select_for_update(no_key=True, of=("self",))
        .filter(status=Status.SUSPENDED)
        .exclude(voucher="")
        .select_related("statement")
        .order_by("pk")
    )
    # A payment with a line gets no second one: it may have been paid twice.
    attempts = Attempt.objects.filter(statement_line=None).in_bulk(
        [row.voucher for row in suspended], field_name="out_bill_no"
    )
    count = 0
    for row in suspended:
        attempt = attempts.get(row.voucher)
        is_cleared = row.status != Status.SUSPENDED  # as the return of an earlier line
        if attempt is None or attempt.gateway != row.statement.gateway or is_cleared:
            continue
        if _settles(row, attempt):
            reason = str(_("The payment has succeeded since."))
            clear_line(row, at=at, attempt=attempt, cleared_reason=reason)
            post_cleared_line(row, platform_account(Kind.PAYOUT_CLEARING), at=at)
            del attempts[row.voucher]
            count += 1
        elif attempt.state in Attempt.PROVEN_UNPAID and (returned := _find_return(row, suspended)):
            reason = str(_("The payment failed and the money came back."))
            for line in (row, returned):
                clear_line(line, at=at, cleared_reason=reason)
            count += 2
    return count


def clear_line(
    row: StatementLine, *, at: datetime, cleared_reason: str, by: User | None = None,
    attempt: Attempt | None = None, document: TreasuryDocument | None = None,
) -> None:  # fmt: skip
    """Clear a line in suspense; its row is locked."""
    row.status, row.cleared_at, row.cleared_by = Status.CLEARED, at, by
    row.cleared_reason = cleared_reason[:200]
    row.attempt, row.document = attempt, document
    row.save(update_fields=[
        "status", "cleared_at", "cleared_by", "cleared_reason", "attempt", "document",
    ])  # fmt: skip
    record(
        CLOSING_STATEMENT_LINE_CLEARED, row, at=at, by=by,
        number=row.number, cleared_reason=row.cleared_reason,
    )  # fmt: skip


def post_cleared_line(row: StatementLine, account: Account, *, at: datetime) -> None:
    """Move a line's amount from suspense to the account to which it belongs."""
    suspense = platform_account(Kind.SUSPENSE)
    transfer_many([_posting(row, f"statement:{row.number}:cleared", account, suspense, at)])


def _match_lines(statement: ProviderStatement, lines: Sequence[ParsedLine]) -> list[StatementLine]:
    attempts = {
        attempt.out_bill_no: attempt
        for attempt in Attempt.objects.filter(
            out_bill_no__in=[line.voucher for line in lines],
            gateway=statement.gateway,
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
        row = StatementLine(statement=statement, status=Status.SUSPENDED, **asdict(line))
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
        # A top-up that finance posted is already in the provider balance.
        _posting(row, f"statement:{row.number}", clearing if row.attempt_id else suspense, provider,
                 row.at)
        for row in rows
        if not row.document_id
    )  # fmt: skip


def _posting(row: StatementLine, key: str, other: Account, own: Account, at: datetime) -> Posting:
    """Debit an expense to the other account; credit an income to it."""
    debit, credit = (other, own) if row.amount < 0 else (own, other)
    return Posting(
        key=key, debit_id=debit.pk, credit_id=credit.pk, amount=abs(row.amount),
        reason=Reason.STATEMENT, source_kind="closing.statementline", source_id=row.number,
        effective_at=at,
    )  # fmt: skip


def _settles(row: StatementLine, attempt: Attempt) -> bool:
    return attempt.state == Attempt.State.SUCCESS and row.amount == -attempt.amount


def _find_return(row: StatementLine, suspended: Iterable[StatementLine]) -> StatementLine | None:
    """Find the opposite movement of the same payment."""
    opposite = (row.voucher, -row.amount, Status.SUSPENDED)
    matches = (
        other for other in suspended if (other.voucher, other.amount, other.status) == opposite
    )
    return next(matches, None)


def _numbers(line: ParsedLine) -> list[str]:
    """Return the numbers under which finance may have posted a top-up."""
    return [number for number in (line.number, line.provider_no, line.voucher) if number]


def _reject_known_lines(lines: Sequence[ParsedLine]) -> None:
    known = StatementLine.objects.in_bulk([line.number for line in lines], field_name="number")
    if faults := [duplicate(line) for line in lines if line.number in known]:
        raise _invalid_statement(faults)


def _invalid_statement(faults: Sequence[Fault]) -> InvalidStatement:
    details = " ".join(_fault_text(fault) for fault in faults[:MAX_SHOWN])
    return InvalidStatement(details=details, faults=[asdict(fault) for fault in faults])


def _fault_text(fault: Fault) -> str:
    label = FAULT_LABELS[fault.code]
    if not fault.line:
        return _("The whole file: %(fault)s.") % {"fault": label}
    return _("Line %(line)s, column %(column)s: %(fault)s (“%(actual)s”).") % {
        **asdict(fault), "fault": label,
    }  # fmt: skip
