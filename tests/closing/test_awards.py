"""Awards beside commissions: controls, vouchers, the month's close and the forecast know them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from closing import liability
from closing.admin.subjects import subject_words, target_of
from closing.journal import journal
from closing.queries import withholding_lines, withholding_totals
from closing.services import export_withholding
from common.clock import business_day
from incentives.models import Award, Budget
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services import Source, account, platform_account, transfer
from ledger.sources import source_links
from members.models import Member, User
from tests.cast import give, staff
from tests.closing.books import DECEMBER, NOVEMBER, PAID, RELEASED, failed_controls, paid
from tests.closing.test_exports import cells
from tests.incentives.awards import given_award, lower
from tests.shop import DAY, wallet_balance
from tests.withdrawals.factories import YUAN
from withdrawals.models import TaxEntry
from withdrawals.tax.income_classes import IncomeClass, awards_in, income_class

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
LATE = PAID + timedelta(hours=1)


def expense(kind: Kind, asset: Asset) -> int:
    """Return what the shop has spent by a platform account, in minor units."""
    own = platform_account(kind, asset).pk
    rows = Transfer.objects.all()
    spent = sum(row.amount for row in rows if row.debit_id == own)
    return spent - sum(row.amount for row in rows if row.credit_id == own)


@pytest.mark.parametrize("asset", ["cash", "bonus", "store_credit", "points"])
def test_the_controls_agree_with_awards_of_every_asset(lan: Member, asset: str) -> None:
    award = given_award(lan, 5_000, at=RELEASED, asset=asset)
    assert failed_controls() == {}

    lower(award, 2_000, at=PAID)

    assert award.posted == 2_000
    assert failed_controls() == {}


def test_an_award_is_paid_by_an_account_of_its_own(lan: Member) -> None:
    before = expense(Kind.COMMISSION_EXPENSE, Asset.CASH)

    award = given_award(lan, 5_000, at=RELEASED)
    lower(award, 2_000, at=PAID)

    assert expense(Kind.INCENTIVE_EXPENSE, Asset.CASH) == 2_000
    assert expense(Kind.COMMISSION_EXPENSE, Asset.CASH) == before
    given, back = Transfer.objects.filter(source_kind="incentives.award").order_by("pk")
    assert (given.reason, given.amount) == (Reason.AWARD, 5_000)
    assert (back.reason, back.amount) == (Reason.AWARD_CLAWBACK, 3_000)


def test_a_transfer_of_an_award_names_the_incentive(lan: Member) -> None:
    award = given_award(lan, 5_000, at=RELEASED)
    row = Transfer.objects.get(source_kind="incentives.award")

    link = source_links([row])[row.pk]

    assert (link.text, link.key) == (f"award of “{award.version.name}”", award.pk)


def test_an_award_taken_back_from_an_empty_wallet_is_owed(lan: Member) -> None:
    award = given_award(lan, 5_000, at=RELEASED)
    transfer(
        key="out", debit=account(lan, Asset.CASH), credit=platform_account(Kind.BANK),
        amount=wallet_balance(lan), reason=Reason.TREASURY, source=Source("test", "1"),
        effective_at=RELEASED,
    )  # fmt: skip

    lower(award, 0, at=PAID)

    assert wallet_balance(lan, kind=Kind.OWED) == 5_000
    assert failed_controls() == {}


def test_expense_without_an_award_is_found(lan: Member) -> None:
    given_award(lan, 5_000, at=RELEASED)
    transfer(
        key="x", debit=platform_account(Kind.INCENTIVE_EXPENSE), credit=account(lan, Asset.CASH),
        amount=7, reason=Reason.AWARD, source=Source("test", "1"), effective_at=PAID,
    )  # fmt: skip
    stray = Transfer.objects.get(key="x")

    found = failed_controls()

    assert found == {
        "expense": [("awards cash", 5_000, 5_007)],
        "awards": [(f"transfer {stray.pk}", 0, 7)],
    }
    target = target_of("expense", "awards cash")
    assert target
    assert target.filters == {"asset__exact": "cash", "kind__exact": "incentive_expense"}


def test_an_award_that_says_more_than_the_ledger_is_found(lan: Member) -> None:
    award = given_award(lan, 5_000, at=RELEASED)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE incentives_award DISABLE TRIGGER USER")
        cursor.execute("UPDATE incentives_award SET posted = 6000, target = 6000")
        cursor.execute("ALTER TABLE incentives_award ENABLE TRIGGER USER")

    found = failed_controls()

    name = f"award {award.public_id}"
    assert found["expense"] == [("awards cash", 6_000, 5_000)]
    assert (name, 6_000, 5_000) in found["awards"]
    assert (f"{name}: moves", 6_000, 5_000) in found["awards"]
    assert subject_words(f"{name}: moves").endswith(": moves")


def test_an_award_that_went_to_another_wallet_is_found(lan: Member) -> None:
    award = given_award(lan, 5_000, at=RELEASED)
    mei = Member.objects.get(nickname="Mei")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger_transfer SET credit_id = %s WHERE key LIKE 'award:%%'",
            [account(mei, Asset.CASH).pk],
        )
        cursor.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER USER")

    assert failed_controls()["awards"] == [(f"award {award.public_id}", 5_000, 0)]


def test_a_budget_that_forgot_an_award_is_found(lan: Member) -> None:
    award = given_award(lan, 5_000, at=RELEASED)
    assert Budget.objects.get().amount == 5_000
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE incentives_budget DISABLE TRIGGER USER")
        cursor.execute("UPDATE incentives_budget SET amount = 0, awards = 0")

    name = f"budget {award.incentive.public_id}"
    assert failed_controls()["awards"] == [(name, 5_000, 0)]


def test_the_vouchers_of_a_month_have_an_account_for_awards(lan: Member) -> None:
    given_award(lan, 5_000, at=RELEASED)
    given_award(lan, 700, at=RELEASED, asset="bonus")

    entries = journal(NOVEMBER, by_day=False, first_number=1, word="记", preparer="Feng").entries

    debits = {entry.account: entry.debit for entry in entries if entry.debit}
    assert (debits["6601.04"], debits["6601.05"]) == (5_000, 700)


def test_a_cash_award_can_be_withdrawn_from_the_next_day_on(lan: Member) -> None:
    from withdrawals.requests.quote import preview_quote  # noqa: PLC0415 - of this test alone

    before = preview_quote(member=lan, amount=100, at=PAID).withdrawable
    given_award(lan, 5_000, at=PAID)

    assert preview_quote(member=lan, amount=100, at=PAID).withdrawable == before
    assert preview_quote(member=lan, amount=100, at=PAID + DAY).withdrawable == before + 5_000


def test_awards_are_paid_out_first_and_named_in_the_withholding_detail(
    lan: Member, qian: User, feng: User
) -> None:
    given_award(lan, 30_000, at=RELEASED)
    first = paid(lan, 1_000 * YUAN, qian, feng)
    second = paid(lan, 500 * YUAN, qian, feng, key="k-2", at=LATE)

    entries = {row.attempt: row for row in TaxEntry.objects.all()}

    assert (entries[first].income, entries[first].award_income) == (100_000, 30_000)
    assert (entries[second].income, entries[second].award_income) == (50_000, 0)
    sums = withholding_totals(withholding_lines(NOVEMBER))
    assert (sums.income, sums.awards) == (150_000, 30_000)
    # Both classes are taxed together: 1,500 yuan of one month, less 800, at 20 %.
    assert sums.withheld == 14_000
    clerk = give(staff("Clerk"), "view_taxentry", "view_withholding")
    _, *rows, total = cells(export_withholding(month=NOVEMBER, by=clerk, at=DECEMBER))
    assert [row[10] for row in rows] == ["300", "0"]
    assert [row[-1] for row in rows] == [
        "remuneration for labour: commissions and awards", "remuneration for labour: commissions",
    ]  # fmt: skip
    assert total[10] == "300"


def test_a_payment_of_awards_alone_is_of_their_class(lan: Member, qian: User, feng: User) -> None:
    """The payment of 1,000 yuan is covered by awards; nothing of it is a commission."""
    given_award(lan, 130_000, at=RELEASED)
    attempt = paid(lan, 1_000 * YUAN, qian, feng)

    entry = TaxEntry.objects.get()

    assert entry.attempt == attempt
    assert (entry.income, entry.award_income) == (100_000, 100_000)
    assert income_class(income=entry.income, awards=entry.award_income) == IncomeClass.AWARDS
    sums = withholding_totals(withholding_lines(NOVEMBER))
    # 1,000 yuan of one month, less 800, at 20 %: awards are taxed as commissions are.
    assert (sums.income, sums.awards, sums.withheld) == (100_000, 100_000, 4_000)
    clerk = give(staff("Clerk"), "view_taxentry", "view_withholding")
    _, row, total = cells(export_withholding(month=NOVEMBER, by=clerk, at=DECEMBER))
    assert (row[10], row[-1]) == ("1000", "remuneration for labour: awards")
    assert total[10] == "1000"


def test_what_awards_a_payment_leaves_are_of_the_next_one(
    lan: Member, qian: User, feng: User
) -> None:
    given_award(lan, 130_000, at=RELEASED)
    first = paid(lan, 1_000 * YUAN, qian, feng)
    second = paid(lan, 500 * YUAN, qian, feng, key="k-2", at=LATE)

    entries = {row.attempt: row.award_income for row in TaxEntry.objects.all()}

    assert entries == {first: 100_000, second: 30_000}


def test_an_award_that_was_taken_back_is_no_income(lan: Member) -> None:
    award = given_award(lan, 30_000, at=RELEASED)
    assert awards_in(member=lan, amount=10_000) == 10_000
    assert awards_in(member=lan, amount=50_000) == 30_000

    lower(award, 0, at=PAID)

    assert awards_in(member=lan, amount=50_000) == 0


def test_store_credit_and_points_are_no_income_of_a_payment(lan: Member) -> None:
    given_award(lan, 30_000, at=RELEASED, asset="store_credit")
    given_award(lan, 30_000, at=RELEASED, asset="points")

    assert awards_in(member=lan, amount=50_000) == 0


def test_what_the_shop_owes_contains_awards(lan: Member) -> None:
    today = business_day(PAID)
    before = cash(liability.liability(today))

    given_award(lan, 5_000, at=PAID)

    assert cash(liability.liability(today)) == before + 5_000
    assert before + 5_000 == sum(
        row.balance or 0 for row in Account.objects.filter(asset="cash", member__isnull=False)
    )


def cash(books: liability.Liability) -> int:
    return next(row.owed_to_members for row in books.assets if row.asset == Asset.CASH)


def test_the_forecast_counts_awards_that_wait_for_a_person(lan: Member) -> None:
    before = liability.forecast(at=PAID)
    award = given_award(lan, 5_000, at=PAID, waiting=True)
    assert award.status == Award.Status.WAITING

    days = liability.forecast(at=PAID).days

    assert [day.credits for day in days] == [
        day.credits + (5_000 if place == 1 else 0) for place, day in enumerate(before.days)
    ]


def test_the_usual_share_of_credits_contains_awards(lan: Member, qian: User, feng: User) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    day = business_day(PAID) + timedelta(days=1)
    before = liability.usual_share(day)

    given_award(lan, 549_500, at=PAID)

    assert 0 < liability.usual_share(day) < before
