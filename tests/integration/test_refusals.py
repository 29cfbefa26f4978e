"""Files that cannot be right: each error is told by file, line and column; nothing comes in."""

from __future__ import annotations

import pytest

from catalog.models import Sku
from commissions.models import Plan
from members.models import Member, User
from orders.models import Order
from tests.integration.files import FILES, Write, move_in

pytestmark = pytest.mark.django_db


def test_files_that_agree_come_in(mall: Write) -> None:
    assert move_in(mall()) == ""

    assert Order.objects.count() == 1
    assert Member.objects.count() == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("orders.csv", "unit_price", "price", "orders.csv:1 unit_price"),
        ("orders.csv", "unit_price", "price", "orders.csv:1 price"),
        ("orders.csv", "109.90", "109.905", "orders.csv:2 unit_price"),
        ("orders.csv", "109.90", "¥109", "orders.csv:2 unit_price"),
        ("orders.csv", "109.90", "999999999999.00", "orders.csv:2 unit_price"),
        ("orders.csv", "mask,1,109.90", "mask,1000000,109999.90", "orders.csv:2 order_no"),
        ("orders.csv", "2026-11-05", "9999-12-31", "orders.csv:2 received_at"),
        ("orders.csv", "2026-11-03T12:01", "0001-01-01T00:00", "orders.csv:2 paid_at"),
        ("refunds.csv", "2026-11-06", "9999-12-31", "refunds.csv:2 refunded_at"),
        ("rules.csv", "10%,5%,paid", "9999999999999.00,,", "rules.csv:2 tier1"),
        ("orders.csv", "mask,1,", "mask,one,", "orders.csv:2 quantity"),
        ("orders.csv", "mask,1,", "mask,0,", "orders.csv:2 quantity"),
        ("orders.csv", "bo,mask", "bo,soap", "orders.csv:2 sku"),
        ("orders.csv", "bo,mask", "mu,mask", "orders.csv:2 buyer"),
        ("orders.csv", "0.00,8.00", "110.00,8.00", "orders.csv:2 discount"),
        ("orders.csv", "2026-11-03T12:00:00+08:00", "2026-11-03 12:00", "orders.csv:2 placed_at"),
        ("orders.csv", "received,", "lost,", "orders.csv:2 status"),
        ("orders.csv", "109.90,0.00", "109.90", "orders.csv:2 :"),
        ("refunds.csv", "36.63", "109.91", "refunds.csv:2 amount"),
        ("refunds.csv", ",0,36.63", ",2,36.63", "refunds.csv:2 quantity"),
        ("refunds.csv", ",0,36.63", ",0,0.00", "refunds.csv:2 amount"),
        ("refunds.csv", "O-1,1", "O-1,2", "refunds.csv:2 line_no"),
        ("refunds.csv", "O-1,1", "O-2,1", "refunds.csv:2 order_no"),
        ("members.csv", "+08:00,1,,\n", "+08:00,1,bo,2026-11-02T12:00:00+08:00\n",
         "members.csv:2 referrer"),
        ("members.csv", "0,lan,", "0,nobody,", "members.csv:4 referrer"),
        ("members.csv", "1,mei,2026-11-01T13", "1,mei,2026-11-01T11", "members.csv:3 bound_at"),
        ("members.csv", "lan,兰", "mei,兰", "members.csv:3 member"),
        ("categories.csv", "beauty,美妆,", "beauty,美妆,masks", "categories.csv:"),
        ("products.csv", "面膜,masks", "面膜,nowhere", "products.csv:2 category"),
        ("rules.csv", "10%", "101%", "rules.csv:2 tier1"),
        ("rules.csv", "10%", "ten", "rules.csv:2 tier1"),
        ("rules.csv", "5%", "5.00", "rules.csv:2 tier2"),
        ("rules.csv", "paid,cash", "paid,gold", "rules.csv:2 asset"),
        ("rules.csv", "store,,", "joining,,", "rules.csv:2 scope"),
        ("rules.csv", "store,,", "product,soap,", "rules.csv:2 target"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told_where_it_stands(
    mall: Write, file: str, old: str, new: str, told: str
) -> None:
    errors = move_in(mall(file, old, new))

    assert told in errors
    nothing_came_in()


def nothing_came_in() -> None:
    for model in (Member, Order, Sku, Plan):
        assert not model.objects.exists()


def test_all_errors_are_told_at_once(mall: Write) -> None:
    folder = mall("orders.csv", "109.90", "much")
    (folder / "refunds.csv").write_text(FILES["refunds.csv"].replace("36.63", "some"))

    errors = move_in(folder)

    assert "orders.csv:2 unit_price" in errors
    assert "refunds.csv:2 amount" in errors
    assert "2" in errors.splitlines()[-1]
    nothing_came_in()


def test_a_reward_for_joining_is_refused_with_the_laws_reason(mall: Write) -> None:
    errors = move_in(mall("rules.csv", "store,,", "joining,,"))

    assert "禁止传销条例" in errors


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("store,,60%,5%,paid,cash\n", ["rules.csv:2 tier1"]),
        ("store,,10%,50.01%,paid,cash\n", ["rules.csv:2 tier2"]),
        ("store,,60%,70%,profit,bonus\n", ["rules.csv:2 tier1", "rules.csv:2 tier2"]),
        ("store,,50%,,paid,cash\ncategory,masks,51%,,paid,cash\n", ["rules.csv:3 tier1"]),
        ("store,,100%,,paid,points\nproduct,mask,,51%,paid,cash\n", ["rules.csv:3 tier2"]),
    ],
)
def test_a_rate_above_the_cap_is_told_where_it_stands_with_the_reason(
    mall: Write, rows: str, told: list[str]
) -> None:
    folder = mall()
    (folder / "rules.csv").write_text(f"scope,target,tier1,tier2,base,asset\n{rows}")

    *errors, last = move_in(folder).splitlines()

    assert [error.split(":")[:2] for error in errors] == [place.split(":") for place in told]
    assert all("50 %" in error for error in errors)
    assert str(len(told)) in last
    nothing_came_in()


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("orders.csv", "109.90", "much", "orders.csv:2 unit_price"),
        ("orders.csv", "bo,mask", "bo,soap", "orders.csv:2 sku"),
        ("orders.csv", "mask,1,109.90", "mask,1000000,109999.90", "orders.csv:2 order_no"),
        ("rules.csv", "5%", "five", "rules.csv:2 tier2"),
        ("categories.csv", "beauty,美妆,", "beauty,美妆,nowhere", "categories.csv:2 parent"),
    ],
)
def test_what_a_plan_may_not_promise_is_told_with_all_other_errors(
    mall: Write, file: str, old: str, new: str, told: str
) -> None:
    folder = mall(file, old, new)
    with (folder / "rules.csv").open("a") as rules:
        rules.write("product,mask,60%,,paid,cash\n")

    *errors, _ = move_in(folder).splitlines()

    assert any(error.startswith(told) for error in errors)
    assert any(error.startswith("rules.csv:3 tier1") and "50 %" in error for error in errors)
    nothing_came_in()


def test_a_rule_for_goods_that_are_not_there_is_told_once_for_each_fault(mall: Write) -> None:
    errors = move_in(mall("rules.csv", "store,,10%", "product,soap,60%"))

    assert "rules.csv:2 target" in errors
    assert "rules.csv:2 tier1" in errors
    nothing_came_in()


def test_a_missing_file_is_told(mall: Write) -> None:
    folder = mall()
    (folder / "refunds.csv").unlink()

    assert "refunds.csv:0" in move_in(folder)
    nothing_came_in()


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("orders.csv", "109.90", "99.90", "orders.csv:2 unit_price"),
        ("orders.csv", "12:01:00", "12:02:00", "orders.csv:2 paid_at"),
        ("refunds.csv", "36.63", "36.64", "refunds.csv:2 amount"),
        ("members.csv", "0,lan,", "0,mei,", "members.csv:4 referrer"),
        ("members.csv", "0,lan,2026-11-02T12:00", "0,lan,2026-11-02T13:00", "members.csv:4 bound"),
        ("members.csv", "苏州,2026-11-02T12:00:00+08:00,0", "苏州,2026-11-02T12:00:00+08:00,1",
         "members.csv:4 is_distributor"),
    ],
)  # fmt: skip
def test_a_fact_that_contradicts_what_is_known_is_told(
    mall: Write, file: str, old: str, new: str, told: str
) -> None:
    assert move_in(mall()) == ""
    folder = mall(file, old, new)
    (folder / "categories.csv").write_text(FILES["categories.csv"] + "more,更多,\n")
    before = list(Order.objects.values())

    assert told in move_in(folder)

    assert list(Order.objects.values()) == before


def test_moved_in_twice_nothing_changes(mall: Write) -> None:
    move_in(mall())
    assert move_in(mall()) == ""

    assert (Order.objects.count(), Plan.objects.count()) == (1, 1)


def test_rules_that_others_have_followed_do_not_come_back_by_themselves(mall: Write) -> None:
    for rate in ("10%", "20%"):
        assert move_in(mall("rules.csv", "10%", rate)) == ""

    errors = move_in(mall())
    assert errors.startswith("rules.csv:1")
    assert "#1" in errors

    assert Plan.objects.count() == 2


def test_a_file_is_no_folder(mall: Write) -> None:
    assert "categories.csv:0" in move_in(mall() / "orders.csv")


def test_the_plan_names_the_two_people_who_answer_for_it(mall: Write) -> None:
    editor, publisher = (User.objects.create_user(name) for name in ("editor", "publisher"))

    assert move_in(mall(), "--edited-by", "editor", "--published-by", "publisher") == ""

    made = Plan.objects.get()
    assert (made.editors, made.published_by) == ([editor.pk], publisher)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--edited-by", "feng", "--published-by", "feng"], "--published-by"),
        (["--edited-by", "feng"], "--published-by"),
        (["--edited-by", "feng", "--published-by", "ghost"], "ghost"),
    ],
)
def test_one_person_does_not_answer_for_a_plan_alone(
    mall: Write, feng: User, arguments: list[str], told: str
) -> None:
    assert told in move_in(mall(), *arguments)

    nothing_came_in()
