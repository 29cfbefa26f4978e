"""Spreadsheets for the tax office, payroll and members."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.sheets import Cell, Sheet, Yuan, workbook
from closing.events import CLOSING_PAYROLL_EXPORTED, CLOSING_WITHHOLDING_EXPORTED
from closing.models import Payroll
from closing.queries import MemberStatement, WithholdingLine, withholding_lines, withholding_totals
from common import encryption
from common.requirements import require_permission, require_reason
from events.models import Reference
from events.services import record
from members.models import Member, User
from withdrawals.events import WITHDRAWALS_UNMASKED
from withdrawals.models import Person, Policy

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
    if unmasked:
        require_permission(by, UNMASK_PERMISSION)
        reason = require_reason(reason)
    lines = withholding_lines(month)
    members = {line.entry.member_id: line.entry.member for line in lines}
    people = {key: _person(member, unmasked=unmasked) for key, member in members.items()}
    record(
        CLOSING_WITHHOLDING_EXPORTED, Reference("closing.withholding", f"{month:%Y%m}"), at=at,
        by=by, payments=len(lines), unmasked=unmasked, reason=reason,
    )  # fmt: skip
    if unmasked and members:
        record(WITHDRAWALS_UNMASKED, members.values(), at=at, by=by, reason=reason)
    by_member: dict[int, list[WithholdingLine]] = {}
    for line in lines:
        by_member.setdefault(line.entry.member_id, []).append(line)
    identity = [_("member"), _("real name"), _("ID number")]
    amounts = [_("income"), _("withheld"), _("fee"), _("net")]
    rows: list[list[Cell]] = [[*people[line.entry.member_id], *_payment(line)] for line in lines]
    rows.append([_("total"), "", "", "", "", *_amounts(lines), "", ""])
    return workbook(
        Sheet(
            f"{month:%Y-%m}",
            [*identity, _("withdrawal"), _("paid at"), *amounts, _("tax regime"), _("version")],
            rows,
        ),
        Sheet(
            _("by member"),
            [*identity, _("payments"), *amounts],
            [
                [*people[member], withholding_totals(rows).count, *_amounts(rows)]
                for member, rows in by_member.items()
            ],
        ),
    )


def export_statement(statement: MemberStatement) -> bytes:
    """Export a member's statement of a month as XLSX."""
    rows: list[list[Cell]] = [[_("opening balance"), "", "", Yuan(statement.opening), ""]]
    rows += [
        [line.at, line.reason, Yuan(line.change), Yuan(line.balance), line.key]
        for line in statement.lines
    ]
    rows.append([_("closing balance"), "", "", Yuan(statement.closing), ""])
    return workbook(
        Sheet(
            f"{statement.month:%Y-%m}",
            [_("time"), _("reason"), _("movement"), _("balance after"), _("key")],
            rows,
        ),
        Sheet(
            _("withdrawals"),
            [_("withdrawal"), _("paid at"), _("amount"), _("fee"), _("tax"), _("net")],
            [
                [
                    withdrawal.public_id, withdrawal.ended_at, Yuan(withdrawal.gross),
                    Yuan(withdrawal.fee), Yuan(withdrawal.tax), Yuan(withdrawal.net),
                ]
                for withdrawal in statement.paid
            ],
        ),
    )  # fmt: skip


@transaction.atomic
def export_payroll(
    *, month: date, by: User, at: datetime, unmasked: bool = False, reason: str = ""
) -> bytes:
    """Export the bonuses of a month that were handed over to payroll as XLSX.

    :raises PermissionMissing, ReasonRequired: as for ``export_withholding``
    """
    require_permission(by, "closing.export_payroll")
    if unmasked:
        require_permission(by, UNMASK_PERMISSION)
        reason = require_reason(reason)
    rows = list(Payroll.objects.filter(month=month).select_related("member__person").order_by("pk"))
    record(
        CLOSING_PAYROLL_EXPORTED, Reference("closing.payroll", f"{month:%Y%m}"), at=at, by=by,
        members=len(rows), unmasked=unmasked, reason=reason,
    )  # fmt: skip
    if unmasked and rows:
        record(WITHDRAWALS_UNMASKED, [row.member for row in rows], at=at, by=by, reason=reason)
    return workbook(
        Sheet(
            f"{month:%Y-%m}",
            [_("member"), _("real name"), _("ID number"), _("bonus")],
            [[*_person(row.member, unmasked=unmasked), Yuan(row.amount)] for row in rows],
        )
    )


def _person(member: Member, *, unmasked: bool) -> list[Cell]:
    person: Person | None = getattr(member, "person", None)
    if person is None:
        return [str(member), "", ""]
    if not unmasked:
        return [str(member), person.name_mask, person.id_number_mask]
    number = person.id_number_encrypted
    return [
        str(member),
        encryption.decrypt(person.name_encrypted),
        encryption.decrypt(number) if number else "",
    ]


def _payment(line: WithholdingLine) -> list[Cell]:
    entry = line.entry
    return [
        entry.attempt.withdrawal.public_id, line.at, *_amounts([line]),
        Policy.Regime(entry.regime).label, entry.regime_version,
    ]  # fmt: skip


def _amounts(lines: list[WithholdingLine]) -> list[Cell]:
    sums = withholding_totals(lines)
    return [Yuan(sums.income), Yuan(sums.withheld), Yuan(sums.fee), Yuan(sums.net)]
