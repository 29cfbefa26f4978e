"""Vouchers for the accounting system: balanced, complete, the same each time."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from closing.journal import JournalAccountMissing, journal
from closing.journal_columns import InvalidJournalColumns, parse_columns
from closing.models import JournalAccount, JournalFormat
from closing.services import export_journal
from common.errors import PermissionMissing
from events.models import Event
from ledger.models import Transfer
from members.models import Member, User
from tests.closing.books import DECEMBER, NOVEMBER, PAID, paid
from tests.withdrawals import factories
from tests.withdrawals.factories import YUAN

pytestmark = pytest.mark.django_db


def rows(content: bytes, encoding: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding))))


@pytest.fixture
def month(lan: Member, qian: User, feng: User) -> User:
    """November with credits and a payment, and the person who exports it."""
    paid(lan, 1_000 * YUAN, qian, feng)
    return factories.may(feng, "export_journal")


@pytest.mark.parametrize("by_day", [True, False])
def test_every_voucher_balances_and_all_transfers_are_in(month: User, by_day: bool) -> None:
    vouchers = journal(NOVEMBER, by_day=by_day, first_number=7, word="记", preparer="feng")

    sums: dict[int, int] = {}
    for entry in vouchers.entries:
        sums[entry.number] = sums.get(entry.number, 0) + entry.debit - entry.credit
        assert (entry.debit == 0) != (entry.credit == 0)
    assert set(sums.values()) == {0}
    assert min(sums) == 7
    assert (len(sums) == 1) != by_day
    moved = [row for row in Transfer.objects.all() if row.asset != "points"]
    between = [row for row in moved if row.debit.kind != row.credit.kind]
    assert vouchers.total == sum(row.amount for row in between)
    assert not vouchers.is_final


@pytest.mark.parametrize(
    ("name", "debit", "credit"),
    [("用友", "借方金额", "贷方金额"), ("金蝶", "FDebit", "FCredit")],
)
def test_the_presets_are_read_back(month: User, name: str, debit: str, credit: str) -> None:
    preset = JournalFormat.objects.get(name__startswith=name)
    given = {
        "month": NOVEMBER, "file_format": preset, "by_day": True, "first_number": 1,
        "by": month, "at": DECEMBER,
    }  # fmt: skip

    vouchers, content = export_journal(**given)

    table = rows(content, "gb18030")
    assert len(table) == len(vouchers.entries)
    for column, total in ((debit, vouchers.total), (credit, vouchers.total)):
        fen = sum(round(float(row[column] or 0) * 100) for row in table)
        assert fen == total
    assert export_journal(**given)[1] == content
    event = Event.objects.filter(name="closing.journal_exported").latest("pk")
    assert (event.actor_id, event.data["total"]) == (month.public_id, vouchers.total)


def test_a_kind_without_an_account_stops_the_file(month: User) -> None:
    JournalAccount.objects.filter(kind="tax_payable").delete()

    with pytest.raises(JournalAccountMissing):
        journal(NOVEMBER, by_day=True, first_number=1, word="记", preparer="feng")


def test_only_those_with_the_right_export(month: User, qian: User) -> None:
    with pytest.raises(PermissionMissing):
        export_journal(
            month=NOVEMBER, file_format=JournalFormat.objects.first(), by_day=True,
            first_number=1, by=qian, at=PAID,
        )  # fmt: skip
    assert not Event.objects.filter(name="closing.journal_exported").exists()


def test_a_month_without_transfers_is_empty(month: User) -> None:
    empty = journal(date(2026, 9, 1), by_day=True, first_number=1, word="记", preparer="f")
    assert (empty.entries, empty.total, empty.vouchers) == ([], 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "", "借方", "借方 = debit", "= debit", "借 = debit\n贷 = 贷方", "a = import\nb = debit",
        "x" * 61 + " = date\na = debit\nb = credit",
        "a = debit\nb = credit\n" + "\n".join(f"c{n} = date" for n in range(60)),
    ],
)  # fmt: skip
def test_a_format_is_refused(text: str) -> None:
    with pytest.raises(InvalidJournalColumns):
        parse_columns(text)


def test_a_format_takes_fixed_texts() -> None:
    columns = parse_columns('币别 = "RMB"\n借 = debit\n贷 = credit\n日期=date')
    assert [column.field for column in columns] == ['"RMB"', "debit", "credit", "date"]
