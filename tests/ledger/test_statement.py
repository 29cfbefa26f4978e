from __future__ import annotations

from ledger.chart import Kind
from ledger.queries import balance, statement
from ledger.services import maintenance, platform_account
from members.models import Member
from tests.ledger.money import cash, earn, expense, spend


def test_a_statement_reads_newest_first_page_by_page(mei: Member, lan: Member) -> None:
    for number in range(5):
        earn(mei, 100 + number, f"in:{number}")
        earn(lan, 7, f"other:{number}")
    spend(mei, 50, "out")

    first = statement(cash(mei), size=4)
    second = statement(cash(mei), before=first.before, size=4)

    assert [line.change for line in first.lines] == [-50, 104, 103, 102]
    assert [line.balance_after for line in first.lines] == [460, 510, 406, 303]
    assert [line.transfer.key for line in second.lines] == ["in:1", "in:0"]
    assert second.before is None


def test_an_exactly_full_page_is_the_last(mei: Member) -> None:
    for number in range(4):
        earn(mei, 100, str(number))

    assert statement(cash(mei), size=4).before is None


def test_a_single_remaining_row_is_the_last_page(mei: Member) -> None:
    for number in range(5):
        earn(mei, 100, str(number))

    first = statement(cash(mei), size=4)
    last = statement(cash(mei), before=first.before, size=4)

    assert [line.transfer.key for line in last.lines] == ["0"]
    assert last.before is None


def test_a_statement_costs_the_same_on_every_page(
    mei: Member, django_assert_num_queries: object
) -> None:
    for number in range(6):
        earn(mei, 100, str(number))
    wallet = cash(mei)

    with django_assert_num_queries(2):  # type: ignore[operator]
        [line.transfer.key for line in statement(wallet, before=10**12, size=3).lines]


def test_a_debt_is_shown_on_its_normal_side(mei: Member) -> None:
    from tests.ledger.test_debt import claw  # noqa: PLC0415

    claw(mei, 200)
    earn(mei, 50, "a")

    assert [line.change for line in statement(cash(mei, Kind.OWED)).lines] == [-50, 200]


def test_a_roll_up_does_not_change_the_balance(mei: Member) -> None:
    earn(mei, 500, "a")
    spend(mei, 200, "b")
    maintenance.roll_up()
    earn(mei, 30, "c")

    assert balance(expense()) == -530
    assert balance(platform_account(Kind.BANK)) == 200

    maintenance.roll_up()
    maintenance.roll_up()
    assert balance(expense()) == -530
