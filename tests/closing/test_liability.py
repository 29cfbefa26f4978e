"""What is owed at any day equals the accounts of that day; the forecast says when cash is short."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from closing import day_flows, liability
from closing.models import DayFlow
from closing.services import remit_tax, top_up
from common.clock import business_day
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Member, User
from tests.closing.books import EARNED, PAID, RELEASED, paid
from tests.shop import DAY
from tests.withdrawals import factories
from tests.withdrawals.factories import YUAN

pytestmark = pytest.mark.django_db
TODAY = business_day(PAID)


def cash(books: liability.Liability) -> liability.AssetLiability:
    return next(row for row in books.assets if row.asset == Asset.CASH)


def platform(books: liability.Liability) -> dict[Kind, int]:
    return dict(books.platform)


def wallets(kind: Kind) -> int:
    rows = Account.objects.filter(asset=Asset.CASH, kind=kind).exclude(member=None)
    return sum(row.balance or 0 for row in rows)


def test_each_day_has_its_own_balances(lan: Member, qian: User, feng: User) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    top_up(document="T1", amount=500 * YUAN, by=feng, at=PAID)

    before = liability.liability(business_day(RELEASED) - timedelta(days=1))
    earned = liability.liability(business_day(RELEASED))
    today = liability.liability(TODAY)

    everything = EARNED + EARNED // 2
    assert (cash(before).owed_to_members, cash(earned).owed_to_members) == (0, everything)
    assert cash(today).owed_to_members == everything - 1_000 * YUAN
    assert cash(today).wallet == wallets(Kind.WALLET)
    assert cash(today).held == wallets(Kind.HELD) == 0
    assert platform(today)[Kind.TAX_PAYABLE] == 4_000
    assert platform(today)[Kind.PAYOUT_CLEARING] == 96_000
    assert platform(today)[Kind.PROVIDER_BALANCE] == 50_000
    assert platform(earned)[Kind.PROVIDER_BALANCE] == 0


def test_folding_changes_no_figure(lan: Member, qian: User, feng: User) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    unfolded = liability.liability(TODAY), day_flows.flows(date(2026, 1, 1), TODAY)
    assert not DayFlow.objects.exists()

    while day_flows.fold(limit=2):
        pass

    assert DayFlow.objects.exists()
    assert (liability.liability(TODAY), day_flows.flows(date(2026, 1, 1), TODAY)) == unfolded
    assert day_flows.differences() == []
    factories.earned(lan, 77, at=PAID)
    assert cash(liability.liability(TODAY)).wallet == wallets(Kind.WALLET)


def test_a_wrong_day_is_found_and_rebuilt(lan: Member) -> None:
    while day_flows.fold():
        pass
    with connection.cursor() as cursor:
        cursor.execute("UPDATE closing_dayflow SET amount = amount + 1")

    with pytest.raises(SystemExit):
        call_command("rebuild_flows", "--check", stdout=StringIO())
    call_command("rebuild_flows", stdout=StringIO())
    assert day_flows.differences() == []


def test_the_balances_of_members_add_up_to_the_liability(
    lan: Member, qian: User, feng: User
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    for day in (business_day(RELEASED), TODAY):
        rows = [row for row in liability.members_at(day) if row[2] == Asset.CASH]
        total = sum(row[4] for row in rows if row[3] in (Kind.WALLET, Kind.HELD))
        assert total == cash(liability.liability(day)).owed_to_members
        assert {row[1] for row in rows} == {"Lan", "Mei"}


def test_the_forecast_counts_approved_and_reviewed_withdrawals(
    lan: Member, mei: Member, qian: User, feng: User
) -> None:
    top_up(document="T1", amount=500 * YUAN, by=feng, at=PAID)
    factories.approved(lan, 300 * YUAN, qian, feng, at=PAID)
    factories.asked(mei, 200 * YUAN, at=PAID)

    forecast = liability.forecast(at=PAID)

    assert (len(forecast.days), forecast.at_provider) == (14, 50_000)
    assert forecast.days[0].approved == 30_000
    assert [day.in_review for day in forecast.days[:3]] == [0, 20_000, 0]
    assert (forecast.payouts, forecast.short_on) == (50_000, None)
    assert forecast.days[-1].left == 0


def test_the_forecast_says_from_when_cash_is_missing(
    lan: Member, mei: Member, qian: User, feng: User
) -> None:
    top_up(document="T1", amount=499 * YUAN, by=feng, at=PAID)
    factories.approved(lan, 300 * YUAN, qian, feng, at=PAID)
    factories.asked(mei, 200 * YUAN, at=PAID)

    forecast = liability.forecast(at=PAID)

    assert forecast.short_on == TODAY + timedelta(days=1)
    assert forecast.days[1].left == -100


def test_the_usual_share_is_what_was_paid_of_credits(lan: Member, qian: User, feng: User) -> None:
    assert liability.usual_share(TODAY) == 0
    paid(lan, 1_000 * YUAN, qian, feng)

    credited = EARNED + EARNED // 2
    assert liability.usual_share(TODAY + timedelta(days=1)) == Fraction(96_000, credited)


def test_tax_of_last_month_is_due_on_the_15th(lan: Member, qian: User, feng: User) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    first = PAID.replace(month=12, day=3)

    assert {day.day.day: day.tax for day in liability.forecast(at=first).days if day.tax} == {
        15: 4_000
    }
    remit_tax(document="R1", amount=4_000, by=feng, at=first)
    assert liability.forecast(at=first + DAY).tax == 0
