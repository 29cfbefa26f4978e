"""Statements are saved, and each line is matched with its payment or posted to suspense."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from closing.models import Difference, ProviderStatement, StatementLine
from closing.services import (
    clear_as_bank_transfer,
    fetch_statement,
    match_suspended,
    reconcile,
    top_up,
)
from closing.services.statement_import import HashMismatch, InvalidStatement, StatementConflict
from common.errors import PermissionMissing
from common.status import WrongStatus
from ledger.models import Transfer
from members.models import Member, User
from tests.closing.books import PAID, failed_controls, paid
from tests.closing.statements import TODAY, StatementFile, import_file, posted
from tests.shop import DAY
from tests.withdrawals.factories import YUAN
from withdrawals.models import Attempt

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TEN_THOUSAND = 10_000 * YUAN


@pytest.fixture
def attempt(lan: Member, qian: User, feng: User) -> Attempt:
    """Return a payment of 960 yuan to Lan, with 40 withheld."""
    return paid(lan, 1_000 * YUAN, qian, feng)


def test_a_payment_and_a_top_up_are_matched_and_controls_pass(attempt: Attempt, feng: User) -> None:
    top_up(document="T1", amount=TEN_THOUSAND, by=feng, at=PAID)
    statement_file = StatementFile().add_top_up(TEN_THOUSAND, number="T1").paid(attempt)

    result = import_file(statement_file, by=feng)

    assert (result.is_new, result.suspended, result.statement.closing_balance) == (True, 0, 904_000)
    assert bytes(ProviderStatement.objects.get().content) == statement_file.content()
    row = StatementLine.objects.get(attempt=attempt)
    assert posted() == {f"statement:{row.number}": ("payout_clearing", "provider_balance", 96_000)}
    assert Transfer.objects.get(key=f"statement:{row.number}").effective_at == PAID
    assert failed_controls() == {}


def test_importing_the_same_file_again_changes_nothing(attempt: Attempt, feng: User) -> None:
    statement_file = StatementFile(balance=TEN_THOUSAND).paid(attempt)
    import_file(statement_file)
    before = list(Transfer.objects.values())

    assert import_file(statement_file).is_new is False

    assert list(Transfer.objects.values()) == before
    assert StatementLine.objects.count() == 1
    with pytest.raises(StatementConflict):
        import_file(StatementFile(balance=TEN_THOUSAND).paid(attempt).add(-5))


def test_an_unmatched_line_is_in_suspense_and_a_difference(attempt: Attempt, feng: User) -> None:
    statement_file = (
        StatementFile(balance=TEN_THOUSAND).paid(attempt).add(-500, number="X1", kind="手续费")
    )

    assert import_file(statement_file).suspended == 1

    assert posted()["statement:X1"] == ("suspense", "provider_balance", 500)
    assert failed_controls()["statement_lines"] == [("X1", 0, -500)]
    reconcile(day=TODAY, at=PAID + DAY)
    assert Difference.objects.filter(control="statement_lines", subject="X1").count() == 1
    assert failed_controls(PAID + 5 * DAY)["suspense"] == [("X1", 0, -500)]


@pytest.mark.parametrize("changed", ["amount", "number", "twice"])
def test_a_line_with_another_amount_does_not_match_its_payment(
    attempt: Attempt, changed: str
) -> None:
    statement_file = StatementFile(balance=TEN_THOUSAND)
    if changed == "amount":
        statement_file.add(-attempt.amount - 1, ours=attempt.out_bill_no)
    elif changed == "number":
        statement_file.add(-attempt.amount, ours="another")
    else:
        statement_file.paid(attempt).paid(attempt)

    assert import_file(statement_file).suspended == 1
    assert "statement_lines" in failed_controls()


def test_a_line_is_matched_when_its_payment_succeeds_later(attempt: Attempt) -> None:
    statement_file = StatementFile(balance=TEN_THOUSAND).paid(attempt)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE withdrawals_attempt DISABLE TRIGGER USER")
    Attempt.objects.update(state="processing", ended_at=None)
    assert import_file(statement_file).suspended == 1
    assert match_suspended(at=PAID) == 0
    Attempt.objects.update(state="success", ended_at=PAID)

    assert match_suspended(at=PAID + DAY) == 1

    row = StatementLine.objects.get()
    assert (row.status, row.attempt) == ("cleared", attempt)
    assert posted()[f"statement:{row.number}:cleared"] == ("payout_clearing", "suspense", 96_000)
    assert {"statement_lines", "clearing", "suspense"}.isdisjoint(failed_controls())


def test_a_failed_payment_and_its_return_clear_each_other(attempt: Attempt) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE withdrawals_attempt DISABLE TRIGGER USER")
    Attempt.objects.update(state="fail")
    statement_file = StatementFile(balance=TEN_THOUSAND).paid(attempt)
    statement_file.add(attempt.amount, ours=attempt.out_bill_no, kind="商家转账退回")

    assert import_file(statement_file).suspended == 0

    assert {row.status for row in StatementLine.objects.all()} == {"cleared"}
    assert {"statement_lines", "suspense"}.isdisjoint(failed_controls())


def test_a_top_up_on_an_earlier_statement_is_booked_from_suspense(lan: Member, feng: User) -> None:
    assert import_file(StatementFile().add_top_up(500, number="T1")).suspended == 1

    top_up(document="T1", amount=500, by=feng, at=PAID + DAY)

    assert posted() == {
        "statement:T1": ("provider_balance", "suspense", 500),
        "statement:T1:cleared": ("suspense", "bank", 500),
    }
    assert failed_controls() == {}


def test_a_person_clears_a_line_to_the_bank(lan: Member, qian: User, feng: User) -> None:
    top_up(document="T1", amount=TEN_THOUSAND, by=feng, at=PAID)
    import_file(
        StatementFile().add_top_up(TEN_THOUSAND, number="T1").add(-500, number="X1", kind="提现")
    )
    row = StatementLine.objects.get(number="X1")
    with pytest.raises(PermissionMissing):
        clear_as_bank_transfer(row=row, reason="to the bank", by=qian, at=PAID)

    clear_as_bank_transfer(row=row, reason="to the bank", by=feng, at=PAID)

    assert posted()["statement:X1:cleared"] == ("bank", "suspense", 500)
    assert failed_controls() == {}
    with pytest.raises(WrongStatus):
        clear_as_bank_transfer(row=row, reason="again", by=feng, at=PAID)


BROKEN = {
    "columns": (lambda text: text.replace("业务凭证号", "新的一列", 1), [(1, 11, "columns")]),
    "one column more": (lambda text: text.replace("业务凭证号", "业务凭证号,新", 1),
                        [(1, 12, "columns")]),
    "no tick": (lambda text: text.replace("\r\n`2026", "\r\n2026", 1), [(2, 1, "fields")]),
    "a field less": (lambda text: text.replace(",`system", "", 1), [(2, 0, "fields")]),
    "direction": (lambda text: text.replace("`支出,", "`借,", 1), [(2, 6, "direction")]),
    "amount": (lambda text: text.replace("`960.00,`9", "`960.001,`9", 1), [(2, 7, "amount")]),
    "separators": (lambda text: text.replace("`9040.00", "`9,040.00", 1), [(2, 8, "amount")]),
    "minus": (lambda text: text.replace("`960.00,`9", "`-960.00,`9", 1), [(2, 7, "amount")]),
    "balance": (lambda text: text.replace("`9035.00", "`9036.00", 1), [(3, 8, "balance")]),
    "time": (lambda text: text.replace("`2026-11-13 12", "`2026-11-13T12", 1), [(2, 1, "time")]),
    "another day": (lambda text: text.replace("`2026-11-13", "`2026-11-12", 1), [(2, 1, "day")]),
    "count": (lambda text: text.replace("\r\n`2,", "\r\n`3,", 1), [(5, 1, "summary")]),
    "sum": (lambda text: text.replace("`965.00\r\n", "`966.00\r\n", 1), [(5, 5, "summary")]),
    "cut off": (lambda text: "\r\n".join(text.split("\r\n")[:3]), [(3, 0, "no_rows")]),
    "two": (lambda text: text.replace("`支出,", "`借,").replace("`5.00", "`x"),
            [(2, 6, "direction"), (3, 6, "direction"), (3, 7, "amount")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_faulty_file_is_refused_by_line_and_column_and_nothing_moves(
    attempt: Attempt, name: str
) -> None:
    breaking, faults = BROKEN[name]
    text = StatementFile(balance=TEN_THOUSAND).paid(attempt).add(-500).content().decode()
    broken = breaking(text)
    assert broken != text

    with pytest.raises(InvalidStatement) as error:
        import_file(broken.encode())

    found_faults = error.value.data["faults"]
    assert [(fault["line"], fault["column"], fault["code"]) for fault in found_faults] == faults
    assert str(error.value)
    assert not ProviderStatement.objects.exists()
    assert posted() == {}


def test_a_fault_of_the_whole_file_names_no_line(in_english: None) -> None:
    with pytest.raises(InvalidStatement, match=r"The whole file: the file is not UTF-8\."):
        import_file(b"\xff\xfe")


def test_binary_content_and_repeated_movements_are_refused(attempt: Attempt) -> None:
    for content in (b"\xff\xfe", b""):
        with pytest.raises(InvalidStatement):
            import_file(content)
    import_file(StatementFile(balance=TEN_THOUSAND).add(-5, number="X1"))
    with pytest.raises(InvalidStatement) as error:
        import_file(StatementFile(balance=TEN_THOUSAND, at=PAID + DAY).add(-5, number="X1"))
    assert [fault["code"] for fault in error.value.data["faults"]] == ["twice"]


def test_a_wrong_hash_or_missing_permission_is_refused(attempt: Attempt, qian: User) -> None:
    statement_file = StatementFile(balance=TEN_THOUSAND).paid(attempt)
    with pytest.raises(HashMismatch):
        import_file(statement_file, sha1="0" * 40)
    with pytest.raises(PermissionMissing):
        import_file(statement_file, by=qian)
    assert not ProviderStatement.objects.exists()


def test_the_database_refuses_changes_of_imported_statements(attempt: Attempt) -> None:
    import_file(StatementFile(balance=TEN_THOUSAND).paid(attempt))

    for statement in (
        "UPDATE closing_providerstatement SET content = ''",
        "DELETE FROM closing_providerstatement",
        "UPDATE closing_statementline SET amount = 1",
        "UPDATE closing_statementline SET status = 'suspended'",
        "DELETE FROM closing_statementline",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_sandbox_provides_a_statement(attempt: Attempt, feng: User) -> None:
    top_up(document="T1", amount=TEN_THOUSAND, by=feng, at=PAID)

    result = fetch_statement(day=TODAY, at=PAID + DAY)

    assert result
    assert (result.suspended, result.statement.closing_balance) == (0, 904_000)
    assert failed_controls() == {}
    assert fetch_statement(day=TODAY + DAY, at=PAID + 3 * DAY) is None


def test_the_command_imports_a_file_with_its_hash(attempt: Attempt, tmp_path: Path) -> None:
    content = StatementFile(balance=TEN_THOUSAND).paid(attempt).content()
    file = tmp_path / "bill.csv"
    file.write_bytes(content)
    out = StringIO()

    def run(*arguments: str) -> None:
        call_command("import_bill", "--day", str(TODAY), *arguments, stdout=out)

    for arguments in (["--file", str(file)], ["--file", str(file), "--sha1", "0" * 40],
                  ["--file", str(tmp_path / "none"), "--sha1", "0" * 40]):  # fmt: skip
        with pytest.raises(CommandError):
            run(*arguments)
    run()
    assert ProviderStatement.objects.get().gateway == "sandbox"
