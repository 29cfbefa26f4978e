"""Two people close a month when every control passes; then it is hashed and chained."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from closing.services import sign_month
from closing.services.month_close import ControlsFailed, hash_closed_periods
from common.errors import PermissionMissing, violated_constraint
from events.models import Event
from ledger import hash_chain
from ledger.chart import Kind, Reason
from ledger.models import Period, Transfer
from ledger.services import Source, platform_account, reverse, sign_period, transfer
from ledger.services.periods import AlreadyClosed, AlreadySigned, MonthOutOfOrder
from members.models import Member, User
from tests.closing.books import DECEMBER, NOVEMBER, PAID, converted
from tests.shop import DAY
from tests.withdrawals.factories import YUAN, asked

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NEXT = date(2026, 12, 1)
FIRST_MOMENT = DECEMBER - timedelta(days=2, hours=10)


def closed(feng: User, fang: User, month: date = NOVEMBER, **other: Any) -> Period:
    at = other.get("at", DECEMBER)
    sign_month(month=month, by=feng, at=at)
    return sign_month(month=month, by=fang, at=at)


def top_up(key: str = "late", *, at: Any = PAID, amount: int = 500) -> Transfer:
    return transfer(
        key=key, debit=platform_account(Kind.PROVIDER_BALANCE), credit=platform_account(Kind.BANK),
        amount=amount, reason=Reason.TREASURY, source=Source("test", "1"), effective_at=at,
    )  # fmt: skip


def refused_by(statement: str) -> str:
    with (
        pytest.raises(IntegrityError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return violated_constraint(error.value)


def test_two_signatures_close_and_hash_a_month(lan: Member, feng: User, fang: User) -> None:
    first = sign_month(month=NOVEMBER, by=feng, at=DECEMBER)
    assert (first.closed_at, first.hashed_at) == (None, None)

    period = sign_month(month=NOVEMBER, by=fang, at=DECEMBER)

    assert (period.closed_at, period.transfer_count) == (DECEMBER, Transfer.objects.count())
    assert len(period.chain_hash) == 64
    assert hash_chain.first_break() is None
    names = Event.objects.filter(name__startswith="ledger.period").order_by("id")
    assert [event.name for event in names] == [
        "ledger.period_signed", "ledger.period_closed", "ledger.period_hashed",
    ]  # fmt: skip


def test_a_month_with_a_conversion_closes(lan: Member, qian: User, feng: User, fang: User) -> None:
    row = converted(lan, 1_000 * YUAN, qian, feng)
    moved = Transfer.objects.filter(source_id=row.public_id, reason=Reason.CONVERSION)
    assert sorted(moved.values_list("debit__kind", "amount")) == [
        ("held", 96_000), ("issued", 96_000),
    ]  # fmt: skip

    period = closed(feng, fang)

    assert (period.closed_at, period.transfer_count) == (DECEMBER, Transfer.objects.count())
    assert hash_chain.first_break() is None


def test_one_person_cannot_sign_twice(lan: Member, feng: User) -> None:
    sign_month(month=NOVEMBER, by=feng, at=DECEMBER)
    with pytest.raises(AlreadySigned):
        sign_month(month=NOVEMBER, by=feng, at=DECEMBER)
    assert Period.objects.get().closed_at is None


def test_two_accounts_of_one_member_are_one_signer(lan: Member, feng: User, fang: User) -> None:
    feng.member = fang.member = lan
    sign_month(month=NOVEMBER, by=feng, at=DECEMBER)

    with pytest.raises(AlreadySigned):
        sign_month(month=NOVEMBER, by=fang, at=DECEMBER)
    assert Period.objects.get().closed_at is None


def test_signing_needs_permission_and_the_next_finished_month(
    lan: Member, qian: User, feng: User, fang: User
) -> None:
    with pytest.raises(PermissionMissing):
        sign_month(month=NOVEMBER, by=qian, at=DECEMBER)
    for month, at in ((NOVEMBER, PAID), (NEXT, DECEMBER), (date(2026, 10, 1), DECEMBER)):
        with pytest.raises(MonthOutOfOrder):
            sign_month(month=month, by=feng, at=at)
    assert not Period.objects.exists()

    closed(feng, fang)
    with pytest.raises(AlreadyClosed):
        sign_month(month=NOVEMBER, by=feng, at=DECEMBER)


def test_a_month_with_differences_stays_open(lan: Member, feng: User, fang: User) -> None:
    sign_month(month=NOVEMBER, by=feng, at=DECEMBER)
    transfer(
        key="x", debit=platform_account(Kind.BANK), credit=platform_account(Kind.TAX_PAYABLE),
        amount=7, reason=Reason.TREASURY, source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip

    with pytest.raises(ControlsFailed) as error:
        sign_month(month=NOVEMBER, by=fang, at=DECEMBER)

    assert error.value.data["controls"] == ["tax"]
    assert Period.objects.get().closed_at is None


def test_a_late_transfer_counts_in_the_open_month_and_keeps_its_time(
    lan: Member, feng: User, fang: User
) -> None:
    closed(feng, fang)
    first_break = hash_chain.first_break

    late = top_up(at=PAID)
    timely = top_up("timely", at=DECEMBER)
    mirror = reverse(original=late, source=Source("test", "2"), effective_at=PAID)

    assert (late.effective_at, late.occurred_at) == (FIRST_MOMENT, PAID)
    assert (mirror.effective_at, mirror.occurred_at) == (FIRST_MOMENT, PAID)
    assert (timely.effective_at, timely.occurred_at) == (DECEMBER, None)
    assert top_up(at=PAID).pk == late.pk
    assert first_break() is None
    assert Period.objects.get().transfer_count == Transfer.objects.count() - 3


def test_a_withdrawal_of_a_closed_month_is_released_in_the_open_one(
    lan: Member, feng: User, fang: User
) -> None:
    asked(lan, 300 * YUAN, at=PAID)
    closed(feng, fang)

    top_up(at=DECEMBER + DAY)

    assert hash_chain.first_break() is None


def test_the_database_refuses_a_transfer_in_a_closed_month(
    lan: Member, feng: User, fang: User
) -> None:
    posted = top_up()
    closed(feng, fang)

    statement = f"""
        INSERT INTO ledger_transfer (key, debit_id, credit_id, asset, amount, reason, source_kind,
            source_id, effective_at)
        VALUES ('x', {posted.debit_id}, {posted.credit_id}, 'cash', 1, 'treasury', 'x', 'x',
            '{PAID.isoformat()}')
    """
    assert refused_by(statement) == "transfer_in_open_period"


def test_the_database_refuses_changes_of_closed_months(lan: Member, feng: User, fang: User) -> None:
    closed(feng, fang)
    columns = (
        "month, ends_at, first_signer_id, first_signer_member, first_signed_at, content_hash,"
        " chain_hash"
    )

    def month(first: str, ends: str) -> str:
        return (
            f"INSERT INTO ledger_period ({columns})"
            f" VALUES ('{first}', '{ends} +8', {feng.pk}, 0, now(), '', '')"
        )

    assert refused_by("UPDATE ledger_period SET closed_at = NULL, second_signer_id = NULL,"
                      " second_signer_member = NULL") == "period_closed_final"  # fmt: skip
    assert (
        refused_by("UPDATE ledger_period SET chain_hash = repeat('0', 64)") == "period_closed_final"
    )
    assert refused_by(month("2027-01-01", "2027-02-01")) == "period_month_consecutive"
    assert refused_by(month("2026-12-01", "2027-01-02")) == "period_month_consecutive"
    for statement in ("DELETE FROM ledger_period", "UPDATE ledger_period SET month = '2026-12-01'"):
        refused_by(statement)
    assert hash_chain.first_break() is None


def test_each_month_is_chained_to_the_one_before(lan: Member, feng: User, fang: User) -> None:
    november = closed(feng, fang)
    top_up(at=DECEMBER)
    at = DECEMBER + timedelta(days=31)

    december = closed(feng, fang, NEXT, at=at)

    assert december.transfer_count == 1
    again = hash_chain.compute_period_hash(december, november)
    assert (again.content_hash, again.chain_hash) == (december.content_hash, december.chain_hash)
    november.chain_hash = "0" * 64
    assert hash_chain.compute_period_hash(december, november).chain_hash != december.chain_hash


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_transfer SET source_id = 'other' WHERE key = 'late'",
        "UPDATE ledger_transfer SET created_at = created_at - interval '1 second'",
        "DELETE FROM ledger_transfer WHERE key = 'late'",
        "UPDATE ledger_period SET chain_hash = repeat('0', 64)",
    ],
)
def test_tampering_with_a_closed_month_is_detected(
    lan: Member, feng: User, fang: User, tampering: str
) -> None:
    top_up()
    closed(feng, fang)
    out, err = StringIO(), StringIO()
    call_command("verify_chain", stdout=out, stderr=err)
    assert Period.objects.get().chain_hash in out.getvalue()

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("ledger_transfer", "ledger_period"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute(tampering)

    with pytest.raises(SystemExit) as ended:
        call_command("verify_chain", stdout=out, stderr=err)
    assert ended.value.code == 1
    assert "2026-11" in err.getvalue()


def test_a_closed_month_without_hash_breaks_the_chain_until_it_is_hashed(
    lan: Member, feng: User, fang: User
) -> None:
    sign_period(month=NOVEMBER, by=feng, at=DECEMBER)
    sign_period(month=NOVEMBER, by=fang, at=DECEMBER)

    with pytest.raises(SystemExit):
        call_command("verify_chain", stdout=StringIO(), stderr=StringIO())
    assert hash_closed_periods(at=DECEMBER) == 1
    assert hash_chain.first_break() is None


def test_a_first_signature_blocks_nothing(lan: Member, feng: User) -> None:
    sign_month(month=NOVEMBER, by=feng, at=DECEMBER)

    assert top_up(at=PAID).effective_at == PAID
