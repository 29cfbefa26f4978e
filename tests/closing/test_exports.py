"""Exports of a month: withheld tax, member statements and payroll bonuses."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree

import pytest

from closing.queries import member_statement, withholding_lines, withholding_totals
from closing.services import export_payroll, export_statement, export_withholding, hand_over_bonuses
from commissions.models import Commission
from common.errors import PermissionMissing, ReasonRequired
from events.models import Event
from ledger.chart import Asset, Kind, Reason
from ledger.services import Source, account, platform_account, transfer
from members.models import Member, User
from tests.cast import staff
from tests.closing.books import DECEMBER, EARNED, NOVEMBER, PAID, paid
from tests.withdrawals.factories import ID_NUMBER, YUAN, may
from withdrawals.services import identify

pytestmark = pytest.mark.django_db
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(workbook: bytes, sheet: int = 1) -> list[list[str]]:
    """Return every cell of a sheet as written in the file."""
    with zipfile.ZipFile(BytesIO(workbook)) as file:
        strings = [
            "".join(part.text or "" for part in item.iter(f"{SPACE}t"))
            for item in ElementTree.fromstring(file.read("xl/sharedStrings.xml"))
        ]
        rows = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{sheet}.xml"))
    return [
        [
            strings[int(cell.find(f"{SPACE}v").text)]  # type: ignore[union-attr,arg-type]
            if cell.get("t") == "s" else str(cell.find(f"{SPACE}v").text)  # type: ignore[union-attr]
            for cell in row.iter(f"{SPACE}c") if cell.find(f"{SPACE}v") is not None
        ]
        for row in rows.iter(f"{SPACE}row")
    ]  # fmt: skip


@pytest.fixture
def wei(db: None) -> User:
    """Wei exports for payroll and tax, and reviews nothing."""
    return may(staff("Wei"), "view_taxentry", "unmask_person", "view_withholding", "export_payroll")


@pytest.fixture
def clerk(db: None) -> User:
    """The clerk sees withheld tax, but no full names."""
    return may(staff("Clerk"), "view_taxentry", "view_withholding")


def test_the_withholding_detail_adds_up_to_the_withheld_tax(
    lan: Member, qian: User, feng: User, wei: User
) -> None:
    first = paid(lan, 1_000 * YUAN, qian, feng)
    paid(lan, 3_000 * YUAN, qian, feng, key="k-2")
    sums = withholding_totals(list(withholding_lines(NOVEMBER)))
    assert (sums.count, sums.income, sums.withheld, sums.net) == (2, 400_000, 64_000, 336_000)

    file = export_withholding(month=NOVEMBER, by=wei, at=DECEMBER)

    head, *rows, total = cells(file)
    assert len(head) == 14
    assert first.withdrawal.public_id in rows[0]
    assert rows[0][:4] == [lan.public_id, "Lan", "L**", "****002X"]
    assert [row[6:8] for row in rows] == [["1000", "40"], ["3000", "600"]]
    assert total[6:11] == ["4000", "640", "0", "3360", "0"]
    assert rows[0][-1] == "劳务报酬：佣金"
    (_, by_member) = cells(file, 2)
    assert by_member[:2] == [lan.public_id, "Lan"]
    assert by_member[4:] == ["2", "4000", "640", "0", "3360", "0"]


def test_unmasking_needs_permission_and_reason_and_is_recorded(
    lan: Member, qian: User, feng: User, wei: User, clerk: User
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    for user, refusal in ((qian, PermissionMissing), (clerk, PermissionMissing)):
        with pytest.raises(refusal):
            export_withholding(month=NOVEMBER, by=user, at=DECEMBER, unmasked=True, reason="filing")
    with pytest.raises(ReasonRequired):
        export_withholding(month=NOVEMBER, by=wei, at=DECEMBER, unmasked=True)
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()

    file = export_withholding(month=NOVEMBER, by=wei, at=DECEMBER, unmasked=True, reason="filing")

    assert cells(file)[1][2:4] == ["Lan", ID_NUMBER]
    event = Event.objects.get(name="withdrawals.unmasked")
    assert (event.subject_id, event.data["reason"]) == (lan.public_id, "filing")
    assert Event.objects.get(name="closing.withholding_exported").data["unmasked"] is True


def test_a_name_is_never_a_formula(lan: Member, qian: User, feng: User, wei: User) -> None:
    identify(member=lan, name="=1+1", at=PAID)
    paid(lan, 1_000 * YUAN, qian, feng)

    file = export_withholding(month=NOVEMBER, by=wei, at=DECEMBER, unmasked=True, reason="filing")

    assert cells(file)[1][2] == "=1+1"
    with zipfile.ZipFile(BytesIO(file)) as parts:
        assert not re.search(rb"<f>", parts.read("xl/worksheets/sheet1.xml"))


def test_a_member_statement_leads_from_opening_to_closing_balance(
    lan: Member, qian: User, feng: User, wei: User
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)

    november = member_statement(lan, NOVEMBER)
    december = member_statement(lan, DECEMBER.date().replace(day=1))

    assert (november.opening, november.closing) == (0, EARNED - 100_000)
    assert [line.change for line in november.lines] == [EARNED, -100_000]
    assert november.lines[-1].balance_after == november.closing
    assert [item.net for item in november.paid] == [96_000]
    assert (december.opening, december.lines, december.closing) == (
        november.closing, [], november.closing,
    )  # fmt: skip
    rows = cells(export_statement(november))
    assert rows[-1][4] == "4495"
    order = Commission.objects.get(distributor__member=lan).line.order.number
    assert order in rows[2][2]
    assert november.paid[0].public_id in rows[3][2]
    assert cells(export_statement(november), 2)[1][2:] == ["1000", "0", "40", "960"]


def test_a_member_without_money_has_an_empty_statement(db: None, chen: Member) -> None:
    empty = member_statement(chen, NOVEMBER)

    assert (empty.opening, empty.lines, empty.closing) == (0, [], 0)


def test_bonuses_are_exported_for_payroll(lan: Member, qian: User, wei: User) -> None:
    transfer(
        key="b", debit=platform_account(Kind.COMMISSION_EXPENSE, Asset.BONUS),
        credit=account(lan, Asset.BONUS), amount=70_005, reason=Reason.COMMISSION,
        source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip
    hand_over_bonuses(month=NOVEMBER, by=wei, at=PAID)
    with pytest.raises(PermissionMissing):
        export_payroll(month=NOVEMBER, by=qian, at=PAID)

    (_, row) = cells(export_payroll(month=NOVEMBER, by=wei, at=PAID))

    assert row == [lan.public_id, "Lan", "L**", "****002X", "700.05"]
