"""Lan reads her month statements; every sum is that of the ledger's rows.

She earns 549.50 yuan by 50 masks, 10.99 each.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from common.clock import day_start
from ledger.chart import Asset, Kind
from ledger.models import Account, Transfer
from ledger.months import month_end, next_month
from ledger.queries import all_lines
from ledger.services import account, platform_account, reclaim, sign_period
from members.models import Member, User
from reports.models import FoldedTransfers
from reports.services import differences
from reports.statements import month_sums, statement
from tests.api.phone import Phone, outcome
from tests.closing.books import NOVEMBER, PAID, RELEASED, earn_commissions, paid
from tests.incentives.awards import given_award, lower
from tests.reports.folding import fold_all
from tests.shop import DAY, PLACED, ingest, line, order, refund, settle_all, with_refund
from tests.withdrawals import factories
from withdrawals.requests.request import cancel
from withdrawals.wallets import Purpose

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
KINDS = (Kind.WALLET, Kind.HELD, Kind.OWED)


@pytest.fixture
def lan(sandbox: Any, qian: User, feng: User) -> Member:
    """Was credited 549.50 yuan in November and paid 200 of it, with tax withheld."""
    _mei, lan = earn_commissions(quantity=50)
    paid(lan, 20_000, qian, feng)
    return lan


def ledger_balance(who: Member, kind: Kind, *, before: datetime) -> int:
    """Return what an account held before a moment, by its own lines."""
    row = Account.objects.get(member=who, asset=Asset.CASH, kind=kind)
    return sum(line.change for line in all_lines(row) if line.transfer.effective_at < before)


def assert_equals_the_ledger(who: Member, month: date) -> None:
    found = statement(who, month)
    (sums,) = month_sums(who, [month])
    assert sums == found.sums
    for balances in found.balances:
        kind = Kind(balances.kind)
        assert balances.opening == ledger_balance(who, kind, before=day_start(month))
        assert balances.closing == ledger_balance(who, kind, before=month_end(month))
        groups = [group for group in found.groups if group.account == kind]
        assert balances.closing - balances.opening == sum(group.amount for group in groups)
        for group in groups:
            assert group.amount == sum(line.change for line in group.lines)
            assert group.count == len(group.lines)
    wallet = found.balances[0]
    assert (sums.opening, sums.closing) == (wallet.opening, wallet.closing)
    assert sums.withdrawn == sums.fee + sums.tax + sums.paid


def rows_of_csv(response: Any) -> list[list[str]]:
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


@pytest.mark.parametrize("folded", [False, True])
def test_a_month_explains_each_sum(lan: Member, folded: bool) -> None:
    if folded:
        fold_all()
        assert FoldedTransfers.current().last_transfer == Transfer.objects.latest("pk").pk

    november = statement(lan, NOVEMBER)

    sums = november.sums
    assert (sums.earned_tier1, sums.earned_tier2) == (54_950, 0)
    assert (sums.credited, sums.taken_back, sums.withdrawn) == (54_950, 0, 20_000)
    assert (sums.paid + sums.tax, sums.fee, sums.returned) == (20_000, 0, 0)
    assert (sums.opening, sums.closing, sums.is_final) == (0, 34_950, False)
    assert [(group.account, group.group, group.count, group.amount) for group in november.groups][
        :2
    ] == [("wallet", "tier1", 1, 54_950), ("wallet", "hold", 1, -20_000)]
    (credit,) = november.groups[0].lines
    assert (credit.change, credit.balance_after, credit.purpose.id) == (54_950, 54_950, "O-1")
    assert_equals_the_ledger(lan, NOVEMBER)
    assert differences() == []


def test_a_clawback_is_of_its_own_month(lan: Member) -> None:
    received = order(Member.objects.get(nickname="Bo"), line(quantity=50), received=True)
    at = PLACED + 40 * DAY
    ingest(with_refund(received, refund(50 * 10_990, quantity=50, at=at)), at=at)
    december = date(2026, 12, 1)

    november, december_sums = month_sums(lan, [NOVEMBER, december])

    assert (november.credited, november.taken_back, november.closing) == (54_950, 0, 34_950)
    assert november.earned_tier1 == 0  # what the refund left of November's orders
    assert (december_sums.taken_back, december_sums.opening) == (54_950, 34_950)
    assert december_sums.closing == 0
    for month in (NOVEMBER, december):
        assert_equals_the_ledger(lan, month)


@pytest.mark.parametrize("folded", [False, True])
def test_awards_have_a_sum_of_their_own(lan: Member, folded: bool) -> None:
    award = given_award(lan, 3_000, at=PAID)
    lower(award, 1_000, at=PAID)
    if folded:
        fold_all()

    (november,) = month_sums(lan, [NOVEMBER])

    assert (november.credited, november.awarded, november.taken_back) == (54_950, 3_000, 2_000)
    assert november.closing == 35_950
    assert_equals_the_ledger(lan, NOVEMBER)
    assert differences() == []
    lines = {group.group: group.lines for group in statement(lan, NOVEMBER).groups}
    assert lines["award"][0].purpose == Purpose("award", award.public_id, "own_sales month")


def test_a_closed_month_is_final(lan: Member) -> None:
    at = month_end(NOVEMBER) + DAY
    for name in ("qian", "feng"):
        sign_period(month=NOVEMBER, by=User.objects.get(username=name), at=at)

    sums, after = month_sums(lan, [NOVEMBER, next_month(NOVEMBER)])

    assert (sums.is_final, after.is_final) == (True, False)
    assert after.opening == sums.closing


def test_withheld_tax_is_of_the_month_in_which_it_was_paid(
    sandbox: Any, qian: User, feng: User
) -> None:
    _mei, lan = earn_commissions(quantity=500)
    withdrawal = paid(lan, 400_000, qian, feng).withdrawal

    (november,) = month_sums(lan, [NOVEMBER])

    assert november.tax == withdrawal.tax > 0
    assert (november.paid, november.withdrawn) == (withdrawal.net, 400_000)
    assert_equals_the_ledger(lan, NOVEMBER)


def story(numbers: random.Random, lan: Member, buyer: Member) -> Iterator[None]:
    """Buy, return, settle, withdraw and cancel over half a year."""
    at = RELEASED
    for number in range(12):
        at += timedelta(days=numbers.randint(0, 20), hours=numbers.randint(0, 23))
        bought = order(
            buyer, line(quantity=numbers.randint(1, 9)), number=f"O-{number + 2}",
            placed_at=at, received=True,
        )  # fmt: skip
        ingest(bought, at=at)
        settle_all(at=at + timedelta(days=numbers.randint(0, 20)))
        if numbers.random() < 0.4:
            back = refund(numbers.randint(1, 9) * 1_000, number=f"R-{number}", at=at + 12 * DAY)
            ingest(with_refund(bought, back), at=at + 12 * DAY)
        if numbers.random() < 0.2:
            _take_back(lan, numbers.randint(1, 90_000), key=f"clawback:{number}", at=at)
        if numbers.random() < 0.3 and not _owes(lan):
            withdrawal = factories.asked(lan, 100, key=f"w-{number}", at=at + 30 * DAY)
            cancel(withdrawal=withdrawal, by=lan, at=at + 31 * DAY)
        yield


def _take_back(lan: Member, amount: int, *, key: str, at: datetime) -> None:
    reclaim(
        key=key, wallet=account(lan, Asset.CASH),
        credit=platform_account(Kind.COMMISSION_EXPENSE), amount=amount,
        source=factories.Source("tests.refund", key), effective_at=at,
    )  # fmt: skip


def _owes(lan: Member) -> bool:
    wallet, _held, owed = factories.cash(lan)
    return bool(owed) or wallet < 10_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_any_history_adds_up(sandbox: Any, qian: User, feng: User, seed: int) -> None:
    mei, lan = earn_commissions(quantity=50)
    numbers = random.Random(seed)
    for _ in story(numbers, lan, Member.objects.get(nickname="Bo")):
        if numbers.random() < 0.5:
            fold_all()

    month = NOVEMBER
    for _ in range(15):
        assert_equals_the_ledger(lan, month)
        assert_equals_the_ledger(mei, month)
        month = next_month(month)
    fold_all()
    assert differences() == []
    assert month_sums(lan, [month])[0].closing == factories.cash(lan)[0]


# Over HTTP


def test_months_are_listed_with_their_sums(lan: Member) -> None:
    fold_all()

    answer = Phone(lan).get("/distributor/months").json()

    (november,) = answer["results"]
    assert (november["month"], november["final"]) == ("2026-11", False)
    assert (november["credited"], november["withdrawn"]) == (54_950, 20_000)


def test_months_are_pages(lan: Member) -> None:
    buyer = Member.objects.get(nickname="Bo")
    for number in (2, 3):
        placed = PLACED + number * 31 * DAY
        ingest(order(buyer, number=f"O-{number}", placed_at=placed), at=placed)
    fold_all()
    phone = Phone(lan)

    first = phone.get("/distributor/months", page_size=1).json()
    second = phone.get("/distributor/months", page_size=1, cursor=first["next"]).json()

    assert first["results"][0]["month"] > second["results"][0]["month"]
    assert second["previous"]


def test_the_statement_the_csv_and_the_page_say_the_same(lan: Member) -> None:
    phone = Phone(lan)

    answer = phone.get("/distributor/months/2026-11").json()
    head, *lines = rows_of_csv(phone.get("/distributor/months/2026-11.csv"))
    page = phone.get("/distributor/months/2026-11.html")

    assert answer["balances"][0] == {"account": "wallet", "opening": 0, "closing": 34_950}
    wallet = [line for line in lines if line[1] == "wallet"]
    assert sum(round(float(line[5]) * 100) for line in wallet) == 34_950
    assert len(lines) == sum(group["count"] for group in answer["groups"])
    assert head[5] == "amount"
    assert page["Content-Type"] == "text/html; charset=utf-8"
    for text in ("549.50", "349.50", "Statement of 2026-11", "O-1"):
        assert text in page.content.decode()


def test_a_title_is_no_formula(lan: Member) -> None:
    Product.objects.update(name="=1+1")

    lines = rows_of_csv(Phone(lan).get("/distributor/months/2026-11.csv"))

    assert "'=1+1" in {line[4] for line in lines}


@pytest.mark.parametrize("ending", ["", ".csv", ".html"])
@pytest.mark.parametrize("month", ["2026-13", "2026-1", "9999-12", "0000-01", "nothing"])
def test_a_month_that_is_none_is_not_found(lan: Member, month: str, ending: str) -> None:
    answer = Phone(lan).get(f"/distributor/months/{month}{ending}")

    assert outcome(answer) == (404, "not_found")


def test_who_is_no_distributor_has_no_months(lan: Member) -> None:
    bo = Member.objects.get(nickname="Bo")

    for path in ("", "/2026-11", "/2026-11.csv", "/2026-11.html"):
        assert outcome(Phone(bo).get(f"/distributor/months{path}")) == (404, "not_found")


@pytest.mark.parametrize("path", ["", "/2026-11", "/2026-11.csv", "/2026-11.html"])
def test_the_number_of_lines_takes_no_more_queries(lan: Member, path: str) -> None:
    fold_all()
    phone = Phone(lan)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert phone.get(f"/distributor/months{path}").status_code == 200
        return len(queries)

    few = count()
    for number in range(20):
        factories.earned(lan, 100 + number, at=PAID)

    assert count() == few
