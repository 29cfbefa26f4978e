"""The tables of a month's reports, to be exported or printed."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from backoffice.sheets import Cell, Sheet, Yuan
from closing.models import Payroll
from closing.queries import MemberStatement, WithholdingLine, withholding_totals
from common import encryption
from ledger.sources import source_links
from members.models import Member
from withdrawals.models import Person, Policy
from withdrawals.tax.income_classes import income_class


def withholding_by_payment(
    name: str, lines: Sequence[WithholdingLine], *, unmasked: bool = False
) -> Sheet:
    """Return a row for each payment, and their total."""
    rows = [
        [
            *_identity(line.entry.member, unmasked=unmasked),
            line.entry.attempt.withdrawal.public_id, line.at, *_amounts([line]),
            Policy.Regime(line.entry.regime).label, line.entry.regime_version,
            income_class(income=line.entry.income, awards=line.entry.award_income).label,
        ]
        for line in lines
    ]  # fmt: skip
    rows.append([_("total"), "", "", "", "", "", *_amounts(lines), "", "", ""])
    titles = [*_identity_titles(), _("withdrawal"), _("paid at"), *_amount_titles()]
    return Sheet(name, [*titles, _("tax regime"), _("version"), _("income class")], rows)


def withholding_by_member(lines: Sequence[WithholdingLine], *, unmasked: bool) -> Sheet:
    by_member: dict[Member, list[WithholdingLine]] = {}
    for line in lines:
        by_member.setdefault(line.entry.member, []).append(line)
    rows = [
        [
            *_identity(member, unmasked=unmasked),
            withholding_totals(payments).count,
            *_amounts(payments),
        ]
        for member, payments in by_member.items()
    ]
    return Sheet(_("by member"), [*_identity_titles(), _("payments"), *_amount_titles()], rows)


def wallet_movements(name: str, statement: MemberStatement) -> Sheet:
    """Return the movements of a member's wallet, between its opening and closing balance.

    Each says for which order or withdrawal it was, so that the member can check it.
    """
    sources = source_links(line.transfer for line in statement.lines)
    rows: list[list[Cell]] = [[_("opening balance"), "", "", "", Yuan(statement.opening), ""]]
    rows += [
        [
            line.transfer.effective_at,
            line.transfer.get_reason_display(),
            sources[line.transfer.pk].text,
            Yuan(line.change),
            Yuan(line.balance_after or 0),
            line.transfer.key,
        ]
        for line in statement.lines
    ]
    rows.append([_("closing balance"), "", "", "", Yuan(statement.closing), ""])
    titles = [
        _("time"), _("reason"), _("for"), _("movement"), _("balance afterwards"), _("key"),
    ]  # fmt: skip
    return Sheet(name, titles, rows)


def movements_by_reason(statement: MemberStatement) -> Sheet:
    rows: list[list[Cell]] = [[reason, Yuan(change)] for reason, change in statement.by_reason]
    return Sheet(_("sums"), [_("reason"), _("moved")], rows)


def paid_withdrawals(statement: MemberStatement) -> Sheet:
    rows = [
        [row.public_id, row.ended_at, Yuan(row.gross), Yuan(row.fee), Yuan(row.tax), Yuan(row.net)]
        for row in statement.paid
    ]
    titles = [_("withdrawal"), _("paid at"), _("amount"), _("fee"), _("tax"), _("net")]
    return Sheet(_("withdrawals"), titles, rows)


def payroll_bonuses(name: str, bonuses: Sequence[Payroll], *, unmasked: bool) -> Sheet:
    rows = [[*_identity(row.member, unmasked=unmasked), Yuan(row.amount)] for row in bonuses]
    return Sheet(name, [*_identity_titles(), _("bonus")], rows)


def _identity_titles() -> list[str]:
    return [_("member number"), _("member"), _("real name"), _("ID number")]


def _identity(member: Member, *, unmasked: bool) -> list[Cell]:
    """Return the member's number and name: two members may have one nickname."""
    person: Person | None = getattr(member, "person", None)
    if person is None:
        return [member.public_id, str(member), "", ""]
    if not unmasked:
        return [member.public_id, str(member), person.name_mask, person.id_number_mask]
    number = person.id_number_encrypted
    return [
        member.public_id,
        str(member),
        encryption.decrypt(person.name_encrypted),
        encryption.decrypt(number) if number else "",
    ]


def _amount_titles() -> list[str]:
    return [_("income"), _("withheld"), _("fee"), _("net"), _("of the income, awards")]


def _amounts(lines: Sequence[WithholdingLine]) -> list[Cell]:
    sums = withholding_totals(lines)
    amounts = (sums.income, sums.withheld, sums.fee, sums.net, sums.awards)
    return [Yuan(amount) for amount in amounts]
