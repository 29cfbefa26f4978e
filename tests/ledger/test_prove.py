from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import connection

from common import clock
from events.models import Event
from ledger.services import maintenance, reverse
from members.models import Member
from tests.cast import NOON
from tests.ledger.money import SOURCE, balance, cash, earn, spend


def tamper(statement: str) -> None:
    """Change history with the guards off, as only the owner of the tables can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("ledger_transfer", "ledger_account"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for table in ("ledger_transfer", "ledger_account"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_the_proof_of_a_sound_ledger_is_recorded(mei: Member) -> None:
    earn(mei, 500, "a")
    out = io.StringIO()

    call_command("prove_ledger", stdout=out)

    event = Event.objects.get(name="ledger.proved")
    assert event.data["differences"] == []
    assert out.getvalue().strip()


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE ledger_account SET balance = balance + 1 WHERE balance = 300", "sum of its"),
        ("UPDATE ledger_transfer SET amount = amount + 1 WHERE key = 'b'", "sum of its"),
        ("UPDATE ledger_transfer SET credit_balance_after = 499 WHERE key = 'a'", "unbroken"),
        ("UPDATE ledger_transfer SET credit_balance_after = 1 WHERE key = 'b'", "keep no"),
        ("UPDATE ledger_transfer SET asset = 'points' WHERE key = 'a'", "hold the asset"),
        ("DELETE FROM ledger_transfer WHERE key = 'a'", "sum of its"),
        ("UPDATE ledger_total SET credits = credits + 1", "roll-up"),
    ],
)
def test_every_inconsistency_is_found(mei: Member, statement: str, rule: str) -> None:
    earn(mei, 500, "a")
    spend(mei, 200, "b")
    maintenance.roll_up()
    assert maintenance.prove(at=clock.now()) == []

    tamper(statement)

    assert any(rule in str(row) for row in maintenance.prove(at=clock.now()))


@pytest.mark.parametrize(
    "original",
    ["id", "10000000", "(SELECT id FROM ledger_transfer WHERE key = 'b')"],
    ids=["goes the same way", "does not exist", "has another amount"],
)
def test_a_reversal_that_is_not_the_mirror_of_its_original_is_found(
    mei: Member, original: str
) -> None:
    reverse(original=earn(mei, 500, "a"), source=SOURCE, effective_at=NOON)
    earn(mei, 300, "b")
    assert maintenance.prove(at=clock.now()) == []

    tamper(f"UPDATE ledger_transfer SET reverses_id = {original} WHERE key = 'reverse:a'")

    differences = maintenance.prove(at=clock.now())
    assert [row.rule for row in differences] == ["a reversal mirrors its original"]


def test_the_command_prints_differences_and_exits_with_1(mei: Member) -> None:
    earn(mei, 500, "a")
    tamper("UPDATE ledger_account SET balance = 501 WHERE balance = 500")
    errors = io.StringIO()

    with pytest.raises(SystemExit) as exit_info:
        call_command("prove_ledger", stderr=errors)

    assert exit_info.value.code == 1
    assert f"account {cash(mei).pk}" in errors.getvalue()
    assert "expected 500, actual 501" in errors.getvalue()
    assert balance(mei) == 501
