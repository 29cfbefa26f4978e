"""Spreadsheets for the tax office, payroll and members."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction

from backoffice.sheets import workbook
from closing import report_sheets
from closing.events import CLOSING_PAYROLL_EXPORTED, CLOSING_WITHHOLDING_EXPORTED
from closing.models import Payroll
from closing.queries import MemberStatement, withholding_lines
from closing.services.payroll import EXPORT_PERMISSION
from common.requirements import require_permission, require_reason
from events.declarations import EventType
from events.models import Reference
from events.services import record
from members.models import Member, User
from withdrawals.events import WITHDRAWALS_UNMASKED

VIEW_PERMISSION = "withdrawals.view_taxentry"
UNMASK_PERMISSION = "withdrawals.unmask_person"


@transaction.atomic
def export_withholding(
    *, month: date, by: User, at: datetime, unmasked: bool = False, reason: str = ""
) -> bytes:
    """Export the withholding detail (代扣明细) of a month as XLSX: by payment and by member.

    :param unmasked: include full names and ID numbers; recorded with the reason for each member
    :raises PermissionMissing: ``by`` may not view withheld tax, or may not unmask
    :raises ReasonRequired: unmasked without a reason
    """
    require_permission(by, VIEW_PERMISSION)
    lines = withholding_lines(month)
    _record_export(
        CLOSING_WITHHOLDING_EXPORTED, month, {line.entry.member for line in lines},
        by=by, at=at, unmasked=unmasked, reason=reason, payments=len(lines),
    )  # fmt: skip
    return workbook(
        report_sheets.withholding_by_payment(f"{month:%Y-%m}", lines, unmasked=unmasked),
        report_sheets.withholding_by_member(lines, unmasked=unmasked),
    )


@transaction.atomic
def export_payroll(
    *, month: date, by: User, at: datetime, unmasked: bool = False, reason: str = ""
) -> bytes:
    """Export the bonuses of a month that were handed over to payroll as XLSX.

    :raises PermissionMissing, ReasonRequired: as for ``export_withholding``
    """
    require_permission(by, EXPORT_PERMISSION)
    rows = list(Payroll.objects.filter(month=month).select_related("member__person").order_by("pk"))
    _record_export(
        CLOSING_PAYROLL_EXPORTED, month, [row.member for row in rows],
        by=by, at=at, unmasked=unmasked, reason=reason, members=len(rows),
    )  # fmt: skip
    return workbook(report_sheets.payroll_bonuses(f"{month:%Y-%m}", rows, unmasked=unmasked))


def export_statement(statement: MemberStatement) -> bytes:
    """Export a member's statement of a month as XLSX."""
    return workbook(
        report_sheets.wallet_movements(f"{statement.month:%Y-%m}", statement),
        report_sheets.paid_withdrawals(statement),
    )


def _record_export(
    event_type: EventType, month: date, exported: Collection[Member], *, by: User, at: datetime,
    unmasked: bool, reason: str, **data: Any,
) -> None:  # fmt: skip
    """Record an export of a month, and every member whose identity is unmasked."""
    if unmasked:
        require_permission(by, UNMASK_PERMISSION)
        reason = require_reason(reason)
    record(
        event_type, Reference(event_type.subject, f"{month:%Y%m}"), at=at, by=by,
        unmasked=unmasked, reason=reason, **data,
    )  # fmt: skip
    if unmasked and exported:
        record(WITHDRAWALS_UNMASKED, exported, at=at, by=by, reason=reason)
