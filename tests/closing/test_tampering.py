"""A client that may write rows but not the schema cannot move money unseen.

Every column of every table of the money path is changed by SQL, and rows are deleted, in the role
of the web servers and workers. The database refuses it, or a daily control finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from closing.services import post_adjustment, propose_adjustment, top_up
from commissions.models import Commission
from ledger.services import maintenance
from members.models import Member, User
from tests.closing.books import PAID, converted, earn_commissions, failed_controls, paid
from tests.shop import DAY, PLACED, ingest, line, order, refund, settle_all, with_refund
from tests.withdrawals import factories
from withdrawals.services import cancel

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Controls = dict[str, list[tuple[str, int | None, int | None]]]

MONEY_PATH = [
    "orders.order", "orders.orderline", "orders.refund", "orders.attribution",
    "commissions.plan", "commissions.rule", "commissions.ordercommissionterms",
    "commissions.commission", "commissions.explanation", "commissions.duecredit",
    "commissions.commissionhold", "commissions.commissionchange", "commissions.settlement",
    "ledger.account", "ledger.transfer", "ledger.total",
    "withdrawals.withdrawal", "withdrawals.attempt", "withdrawals.taxentry",
    "closing.adjustment", "closing.treasurydocument",
]  # fmt: skip

WITHOUT_MONEY: dict[str, str] = {
    # what people read
    "orders.order.contact": "hashes for risk rules",
    "orders.order.share": "where the buyer came from; it decides nothing",
    "orders.order.region": "where the goods go; it decides nothing",
    "orders.order.metadata": "the mall's own object",
    "orders.order.closed_at": "a fact that the mall may tell; it stops money",
    "orders.order.shipped_at": "protection counts from placement, payment and receipt",
    "orders.order.assumed_received_at": "a receipt that was told counts before it",
    "orders.order.revision": "decides between tellings of an unpaid order",
    "orders.order.completion_failed_at": "delays a retry",
    "orders.refund.reason": "a note",
    "orders.refund.rejected_at": "a fact that the mall may tell; a done refund still counts",
    "orders.refund.withdrawn_at": "a fact that the mall may tell; a done refund still counts",
    "orders.refund.revision": "decides between tellings of an open refund",
    "orders.refund.overdue_alerted_at": "repeats an alarm",
    "ledger.total.last_transfer": "found as soon as it skips a transfer",
    "withdrawals.attempt.instruction_encrypted": "compared with its hash before it is sent",
    "withdrawals.attempt.recorded_at": "a note",
    "commissions.ordercommissionterms.tier1_boost": "each commission is computed by its own basis",
    "commissions.ordercommissionterms.tier2_boost": "each commission is computed by its own basis",
    "withdrawals.taxentry.award_income": "names a part of the income; the whole is taxed",
    "commissions.commissionhold.detail": "a note",
    "commissions.commissionhold.since": "a note",
    "commissions.commissionhold.reason": "the hold stays a hold",
}
"""Columns that decide no amount, no owner and no time of a payment."""


REBUILT = {"ledger.total"}
"""Tables whose rows the next periodic task computes again."""


@pytest.fixture
def books(db: None, qian: User, feng: User) -> Controls:
    """Orders in every state, commissions due, held, credited and clawed back, and a payout.

    :returns: what the controls find before the tampering: no statement has been imported
    """
    mei, lan = earn_commissions()
    buyer = Member.objects.get(nickname="Bo")
    for number in ("O-2", "O-3", "O-4"):
        ingest(order(buyer, line(number=1), line(number=2), number=number, received=True))
    settle_all(at=PLACED + 10 * DAY)
    told = order(buyer, line(number=1), line(number=2), number="O-2", received=True)
    ingest(with_refund(told, refund(1_000, number="R-2", at=PLACED + 11 * DAY)))
    late = {"number": "O-5", "placed_at": PAID - DAY, "received": True}
    ingest(order(buyer, **late))
    held = order(buyer, **{**late, "number": "O-6"})
    ingest(with_refund(held, refund(1, number="R-6", done=False, at=PAID)))
    ingest(order(buyer, number="O-7", placed_at=PAID - DAY))
    paid(lan, 100_000, factories.operations(qian), factories.finance(feng))
    factories.asked(mei, 50_000, at=PAID)
    propose = factories.may(qian, "propose_adjustment")
    adjustment = propose_adjustment(
        key="a-1", member=mei, asset="cash", direction="to_member", amount=100, reason="sorry",
        by=propose, at=PAID,
    )  # fmt: skip
    post_adjustment(adjustment=adjustment, by=factories.may(feng, "decide_adjustment"), at=PAID)
    top_up(document="T-1", amount=10_000, by=factories.may(feng, "post_documents"), at=PAID)
    maintenance.roll_up()
    with connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN CREATE ROLE twotier_dml;"
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO twotier_dml;"
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO twotier_dml"
        )
    found = failed_controls()
    assert set(found) == {"statement_lines", "statements"}
    return found


OTHER_VALUES = {
    "timestamp": "coalesce({0} - interval '1 day', '2026-11-01 00:00+00'::timestamptz)",
    "date": "{0} - 1",
    "boolean": "NOT {0}",
    "bigint[]": "array_append({0}, 1)",
    "integer[]": "array_append({0}, 1)",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "jsonb": "coalesce({0}, '{{}}') || '{{\"x\": 1}}'",
    "uuid": "gen_random_uuid()",
    "bytea": "{0} || 'x'::bytea",
    "varchar": "left({0}, 1) || 'x'",
    "text": "left({0}, 1) || 'x'",
}
"""SQL of a value that differs from the column's, by the beginning of its type."""


def other_value(field: models.Field[Any, Any]) -> str:
    if field.choices:
        first, *_, last = (value for value, _ in field.flatchoices)  # type: ignore[attr-defined]
        return f"CASE WHEN \"{field.column}\" = '{last}' THEN '{first}' ELSE '{last}' END"
    kind = field.db_type(connection) or ""
    template = next(sql for start, sql in OTHER_VALUES.items() if kind.startswith(start))
    return template.format(f'"{field.column}"')


def tamperings(model: type[models.Model], *, of: str = "") -> Iterator[tuple[str, str]]:
    """Yield what changes one row: the first one of those with the condition ``of``."""
    table = model._meta.db_table
    rows = f"{table} WHERE {of}" if of else table
    key = model._meta.pk.column
    one = f'WHERE "{key}" = (SELECT "{key}" FROM {rows} ORDER BY "{key}" LIMIT 1)'
    for field in model._meta.local_concrete_fields:
        name = f"{model._meta.label_lower}.{field.name}"
        if name not in WITHOUT_MONEY and not field.generated:
            yield name, f'UPDATE {table} SET "{field.column}" = {other_value(field)} {one}'
    if model._meta.label_lower not in REBUILT:
        yield f"{model._meta.label_lower} deleted", f"DELETE FROM {table} {one}"


class Unseen(Exception):
    """Nothing refused or found a tampering."""


def tamper(statement: str, before: Controls) -> str:
    """Return what refused the statement, or which control finds it; nothing stays changed."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE twotier_dml")
            cursor.execute(statement)
            assert cursor.rowcount, f"the fixture has no row for this: {statement}"
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("RESET ROLE")
            found = failed_controls()
            raise Unseen if found == before else Found(", ".join(found))
    except DatabaseError as refusal:
        return f"refused: {str(refusal).splitlines()[0]}"
    except Found as found:
        return f"found: {found}"


class Found(Exception):
    """A control finds a tampering."""


@pytest.mark.parametrize("label", MONEY_PATH)
def test_a_changed_table_is_refused_or_found(books: Controls, label: str) -> None:
    model = apps.get_model(label)
    assert model._default_manager.exists(), f"the fixture has no row of {label}"
    unseen = []
    for name, statement in tamperings(model):
        try:
            tamper(statement, books)
        except Unseen:
            unseen.append(name)

    assert unseen == []
    assert failed_controls() == books


OF_CONVERSION = {
    "withdrawals.withdrawal": "id = {withdrawal}",
    "withdrawals.attempt": "withdrawal_id = {withdrawal}",
    "withdrawals.taxentry": "attempt_id IN (SELECT id FROM withdrawals_attempt"
    " WHERE withdrawal_id = {withdrawal})",
    "withdrawals.payee": "channel = 'store_credit'",
    "ledger.transfer": "reason = 'conversion' AND asset = 'cash'",
    "ledger.account": "kind = 'conversion'",
}
WITHOUT_MONEY_OF_PAYEES = {
    "account_encrypted": "compared with its fingerprint before it is paid",
    "authorization_encrypted": "no part of a conversion",
    "retired_at": "the payee of store credit stays",
}


@pytest.mark.parametrize("label", OF_CONVERSION)
def test_a_changed_conversion_is_refused_or_found(
    db: None, books: Controls, qian: User, feng: User, label: str
) -> None:
    mei = Member.objects.get(nickname="Mei")
    open_row = mei.withdrawals.get()
    cancel(withdrawal=open_row, by=mei, at=PAID)
    row = converted(mei, 20_000, qian, feng)
    before = failed_controls()
    assert before == books
    of = OF_CONVERSION[label].format(withdrawal=row.pk)
    unseen = []
    for name, statement in tamperings(apps.get_model(label), of=of):
        try:
            tamper(statement, before)
        except Unseen:
            unseen.append(name)

    assert [name for name in unseen if name.split(".")[-1] not in WITHOUT_MONEY_OF_PAYEES] == []
    assert failed_controls() == before


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger_transfer DISABLE TRIGGER USER",
        "TRUNCATE ledger_transfer CASCADE",
        "SET session_replication_role = replica",
        "DROP TABLE commissions_commission CASCADE",
    ],
)
def test_the_role_of_the_workers_cannot_switch_the_guards_off(
    books: Controls, statement: str
) -> None:
    assert tamper(statement, books).startswith("refused: ")


def test_the_queue_pays_nobody_else_and_nothing_earlier(books: Controls) -> None:
    """The attack of the review: another's wallet, an earlier date, a dropped row."""
    wallets = "SELECT {}(account_id) FROM commissions_duecredit"
    highest, lowest = wallets.format("max"), wallets.format("min")
    for change in (
        f"UPDATE commissions_duecredit SET account_id = ({highest}) WHERE account_id = ({lowest})",
        "UPDATE commissions_duecredit SET release_at = release_at - interval '5 days'",
        "DELETE FROM commissions_duecredit",
    ):
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute(change)
            assert "queue" in failed_controls(), change
            before = Commission.objects.filter(status="credited").count()
            settle_all(at=PAID)
            assert Commission.objects.filter(status="credited").count() == before
            transaction.set_rollback(True)
