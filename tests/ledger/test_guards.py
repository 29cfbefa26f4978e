"""The database enforces the rules of the ledger, also for raw SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import proof
from ledger.models import Account, Transfer
from members.models import Member
from tests.ledger.money import cash, earn, expense, picture

FORGED = """INSERT INTO ledger_transfer
 (key, debit_id, credit_id, asset, amount, reason, source_kind, source_id, effective_at,
  debit_balance_after, credit_balance_after)
 VALUES ('forged', {debit}, {credit}, '{asset}', {amount}, 'commission', 't', '1', now(),
  {after})"""


def refused(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            cursor.execute(statement)
    return str(error.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = 1",
        "UPDATE ledger_transfer SET created_at = now() WHERE false",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "TRUNCATE ledger_transfer, ledger_account CASCADE",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "UPDATE ledger_account SET asset = 'points'",
        "UPDATE ledger_account SET kind = 'held'",
        "UPDATE ledger_account SET member_id = NULL",
        "UPDATE ledger_account SET id = id + 1000",
    ],
)
def test_history_cannot_be_changed(mei: Member, statement: str) -> None:
    earn(mei, 500, "a")
    before = picture()

    assert "append-only" in refused(statement)

    assert picture() == before


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM ledger_transfer", "append-only"),
        ("DELETE FROM ledger_account", "append-only"),
        ("UPDATE ledger_account SET kind = 'held' WHERE id = {wallet}", "append-only"),
        ("UPDATE ledger_account SET balance = 501 WHERE id = {wallet}", "no transfer explains"),
        ("{opened}", "no transfer explains"),
        ("{forged}", "do not add up"),
    ],
)
def test_the_guards_hold_in_a_replica_session(mei: Member, statement: str, why: str) -> None:
    earn(mei, 500, "a")
    before, wallet = picture(), cash(mei).pk
    forged = FORGED.format(
        debit=expense().pk, credit=wallet, asset="cash", amount=100, after="NULL, 600"
    )
    opened = f"""INSERT INTO ledger_account (member_id, kind, asset, balance)
        VALUES ({mei.pk}, 'wallet', 'points', 5)"""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

    assert why in refused(statement.format(wallet=wallet, forged=forged, opened=opened))

    assert picture() == before


def test_a_balance_does_not_change_without_a_transfer(mei: Member) -> None:
    earn(mei, 500, "a")

    assert "no transfer explains" in refused(
        f"UPDATE ledger_account SET balance = 501 WHERE id = {cash(mei).pk}"
    )
    assert Account.objects.get(pk=cash(mei).pk).balance == 500


def test_a_new_account_has_a_zero_balance(mei: Member) -> None:
    assert "no transfer explains" in refused(
        "INSERT INTO ledger_account (member_id, kind, asset, balance)"
        f" VALUES ({mei.pk}, 'wallet', 'cash', 5)"
    )


@pytest.mark.parametrize("after", ["NULL, 600", "NULL, 500", "NULL, NULL", "0, 600"])
def test_a_transfer_without_its_balance_is_refused(mei: Member, after: str) -> None:
    earn(mei, 500, "a")
    before = picture()
    forged = FORGED.format(
        debit=expense().pk, credit=cash(mei).pk, asset="cash", amount=100, after=after
    )

    refused(forged)

    assert picture() == before


def test_balance_and_transfer_must_agree_in_one_statement(mei: Member) -> None:
    earn(mei, 500, "a")
    forged = FORGED.format(
        debit=expense().pk, credit=cash(mei).pk, asset="cash", amount=100, after="NULL, 650"
    )
    raised = f"UPDATE ledger_account SET balance = 650 WHERE id = {cash(mei).pk}"

    assert "do not add up" in refused(f"WITH raised AS ({raised}) {forged}")


def test_running_balances_must_end_at_an_unchanged_balance(
    mei: Member,
) -> None:
    earn(mei, 500, "a")
    wallet, paid = cash(mei).pk, expense().pk
    forged = FORGED.format(debit=paid, credit=wallet, asset="cash", amount=100, after="NULL, 600")
    back = f"('back', {wallet}, {paid}, 'cash', 100, 'adjustment', 't', '1', now(), {{}}, NULL)"

    assert "do not add up" in refused(f"{forged}, {back.format(550)}")

    with connection.cursor() as cursor:
        cursor.execute(f"{forged}, {back.format(500)}")
    assert proof.differences() == []


def test_a_balance_is_never_negative(mei: Member) -> None:
    with pytest.raises(IntegrityError, match="account_balance_not_negative"), transaction.atomic():
        Account.objects.filter(pk=cash(mei).pk).update(balance=-1)


@pytest.mark.parametrize(
    ("member", "kind", "asset", "balance"),
    [
        ("mei", "held", "points", 0),
        ("mei", "bank", "cash", 0),
        ("mei", "wallet", "gold", 0),
        (None, "wallet", "cash", None),
        (None, "commission_expense", "points", None),
        ("mei", "wallet", "bonus", None),
    ],
)
def test_an_account_outside_the_chart_is_refused(
    mei: Member, member: str | None, kind: str, asset: str, balance: int | None
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(
            member=mei if member else None, kind=kind, asset=asset, balance=balance
        )


def test_an_account_exists_once(mei: Member) -> None:
    cash(mei)
    for account in ({"member": mei, "kind": "wallet", "balance": 0}, {"kind": "bank"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.create(asset="cash", **account)


def test_a_member_with_money_is_not_deleted(mei: Member) -> None:
    earn(mei, 500, "a")

    assert "violates foreign key" in refused(
        f"DELETE FROM members_identity; DELETE FROM members_member WHERE id = {mei.pk}"
    )
    assert Transfer.objects.count() == 1
