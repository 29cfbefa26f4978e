"""Invalid files: each error is reported with file, line and column; nothing is imported."""

from __future__ import annotations

import pytest

from catalog.models import Sku
from commissions.models import Plan
from members.models import Member, User
from orders.models import Order
from tests.cast import staff
from tests.integration.files import FILES, Write, import_mall

pytestmark = pytest.mark.django_db


def test_valid_files_are_imported(mall: Write) -> None:
    assert import_mall(mall()) == ""

    assert Order.objects.count() == 1
    assert Member.objects.count() == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("orders.csv", "unit_price", "price", "orders.csv:1 unit_price"),
        ("orders.csv", "unit_price", "price", "orders.csv:1 price"),
        ("orders.csv", "109.90", "109.905", "orders.csv:2 unit_price"),
        ("orders.csv", "109.90", "$109", "orders.csv:2 unit_price"),
        ("orders.csv", "109.90", "999999999999.00", "orders.csv:2 unit_price"),
        ("orders.csv", "mask,1,109.90", "mask,1000000,109999.90", "orders.csv:2 order_no"),
        ("orders.csv", "2025-11-05", "9999-12-31", "orders.csv:2 received_at"),
        ("orders.csv", "2025-11-03T12:01", "0001-01-01T00:00", "orders.csv:2 paid_at"),
        ("refunds.csv", "2025-11-06", "9999-12-31", "refunds.csv:2 refunded_at"),
        ("rules.csv", "10%,5%,paid", "9999999999999.00,,", "rules.csv:2 tier1"),
        ("orders.csv", "mask,1,", "mask,one,", "orders.csv:2 quantity"),
        ("orders.csv", "mask,1,", "mask,0,", "orders.csv:2 quantity"),
        ("orders.csv", "bo,mask", "bo,soap", "orders.csv:2 sku"),
        ("orders.csv", "bo,mask", "mu,mask", "orders.csv:2 buyer"),
        ("orders.csv", "0.00,8.00", "110.00,8.00", "orders.csv:2 discount"),
        ("orders.csv", "2025-11-03T12:00:00+08:00", "2025-11-03", "orders.csv:2 placed_at"),
        ("orders.csv", "2025-11-05T15", "2025-05-11T15", "orders.csv:2 received_at: 2025/05/11"),
        ("refunds.csv", "2025-11-06", "2025-06-11", "refunds.csv:2 refunded_at: 2025/06/11"),
        ("orders.csv", "received,", "lost,", "orders.csv:2 status"),
        ("orders.csv", "109.90,0.00", "109.90", "orders.csv:2 :"),
        ("refunds.csv", "36.63", "999.99", "refunds.csv:2 amount"),
        ("refunds.csv", ",0,36.63", ",0,0.00", "refunds.csv:2 amount"),
        ("refunds.csv", "O-1,1", "O-1,2", "refunds.csv:2 line_no"),
        ("refunds.csv", "O-1,1", "O-2,1", "refunds.csv:2 order_no"),
        ("members.csv", "+08:00,1,,\n", "+08:00,1,bo,2025-11-02T12:00:00+08:00\n",
         "members.csv:2 referrer"),
        ("members.csv", "0,lan,", "0,nobody,", "members.csv:4 referrer"),
        ("members.csv", "1,mei,2025-11-01T13", "1,mei,2025-11-01T11", "members.csv:3 bound_at"),
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
def test_an_invalid_cell_is_reported_with_its_place(
    mall: Write, file: str, old: str, new: str, place: str
) -> None:
    errors = import_mall(mall(file, old, new))

    assert place in errors
    assert_nothing_imported()


def places(errors: str) -> tuple[list[str], str]:
    """Return the lines with a place, and the last line."""
    lines = errors.splitlines()
    return [line.strip() for line in lines if ".csv:" in line], lines[-1]


def assert_nothing_imported() -> None:
    for model in (Member, Order, Sku, Plan):
        assert not model.objects.exists()


def test_all_errors_are_reported_at_once(mall: Write) -> None:
    folder = mall("orders.csv", "109.90", "much")
    (folder / "refunds.csv").write_text(FILES["refunds.csv"].replace("36.63", "some"))

    errors = import_mall(folder)

    assert "orders.csv:2 unit_price" in errors
    assert "refunds.csv:2 amount" in errors
    assert "2" in errors.splitlines()[-1]
    assert_nothing_imported()


def test_a_reward_for_joining_is_refused_with_its_legal_reason(mall: Write) -> None:
    errors = import_mall(mall("rules.csv", "store,,", "joining,,"))

    assert "禁止传销条例" in errors


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("store,,60%,5%,paid,cash\n", ["rules.csv:2 tier1"]),
        ("store,,10%,50.01%,paid,cash\n", ["rules.csv:2 tier2"]),
        ("store,,60%,70%,profit,bonus\n", ["rules.csv:2 tier1", "rules.csv:2 tier2"]),
        ("store,,50%,,paid,cash\ncategory,masks,51%,,paid,cash\n", ["rules.csv:3 tier1"]),
        ("store,,100%,,paid,points\nproduct,mask,,51%,paid,cash\n", ["rules.csv:3 tier2"]),
    ],
)
def test_a_rate_above_the_cap_is_reported_with_its_place_and_reason(
    mall: Write, rows: str, place: list[str]
) -> None:
    folder = mall()
    (folder / "rules.csv").write_text(f"scope,target,tier1,tier2,base,asset\n{rows}")

    errors, last = places(import_mall(folder))

    assert [error.split(":")[:2] for error in errors] == [expected.split(":") for expected in place]
    assert all("50%" in error for error in errors)
    assert str(len(place)) in last
    assert_nothing_imported()


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("orders.csv", "109.90", "much", "orders.csv:2 unit_price"),
        ("orders.csv", "bo,mask", "bo,soap", "orders.csv:2 sku"),
        ("orders.csv", "mask,1,109.90", "mask,1000000,109999.90", "orders.csv:2 order_no"),
        ("rules.csv", "5%", "five", "rules.csv:2 tier2"),
        ("categories.csv", "beauty,美妆,", "beauty,美妆,nowhere", "categories.csv:2 parent"),
    ],
)
def test_errors_of_the_plan_are_reported_with_all_other_errors(
    mall: Write, file: str, old: str, new: str, place: str
) -> None:
    folder = mall(file, old, new)
    with (folder / "rules.csv").open("a") as rules:
        rules.write("product,mask,60%,,paid,cash\n")

    errors, _ = places(import_mall(folder))

    assert any(error.startswith(place) for error in errors)
    assert any(error.startswith("rules.csv:3 tier1") and "50%" in error for error in errors)
    assert_nothing_imported()


def test_each_error_of_a_rule_is_reported(mall: Write) -> None:
    errors = import_mall(mall("rules.csv", "store,,10%", "product,soap,60%"))

    assert "rules.csv:2 target" in errors
    assert "rules.csv:2 tier1" in errors
    assert_nothing_imported()


def test_a_missing_file_is_reported(mall: Write) -> None:
    folder = mall()
    (folder / "refunds.csv").unlink()

    assert "refunds.csv:0" in import_mall(folder)
    assert_nothing_imported()


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("orders.csv", "109.90", "99.90", "orders.csv:2 unit_price"),
        ("orders.csv", "12:01:00", "12:02:00", "orders.csv:2 paid_at"),
        ("refunds.csv", "36.63", "36.64", "refunds.csv:2 amount"),
        ("members.csv", "0,lan,", "0,mei,", "members.csv:4 referrer"),
        ("members.csv", "0,lan,2025-11-02T12:00", "0,lan,2025-11-02T13:00", "members.csv:4 bound"),
        ("members.csv", "苏州,2025-11-02T12:00:00+08:00,0", "苏州,2025-11-02T12:00:00+08:00,1",
         "members.csv:4 is_distributor"),
    ],
)  # fmt: skip
def test_a_value_that_differs_from_the_stored_one_is_reported(
    mall: Write, file: str, old: str, new: str, place: str
) -> None:
    assert import_mall(mall()) == ""
    folder = mall(file, old, new)
    (folder / "categories.csv").write_text(FILES["categories.csv"] + "more,更多,\n")
    before = list(Order.objects.values())

    assert place in import_mall(folder)

    assert list(Order.objects.values()) == before


def test_a_second_import_changes_nothing(mall: Write) -> None:
    import_mall(mall())
    assert import_mall(mall()) == ""

    assert (Order.objects.count(), Plan.objects.count()) == (1, 1)


def test_a_file_instead_of_a_folder_is_refused(mall: Write) -> None:
    assert "categories.csv:0" in import_mall(mall() / "orders.csv")


def test_the_plan_records_its_editor_and_publisher(mall: Write) -> None:
    editor, publisher = (staff(name) for name in ("editor", "publisher"))

    assert import_mall(mall(), "--edited-by", "editor", "--published-by", "publisher") == ""

    plan = Plan.objects.get()
    assert (plan.editors, plan.published_by) == ([editor.pk], publisher)


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["--edited-by", "feng", "--published-by", "feng"], "--published-by"),
        (["--edited-by", "feng"], "--published-by"),
        (["--edited-by", "feng", "--published-by", "ghost"], "ghost"),
    ],
)
def test_a_plan_needs_two_people(mall: Write, feng: User, arguments: list[str], place: str) -> None:
    assert place in import_mall(mall(), *arguments)

    assert_nothing_imported()


def test_errors_of_cells_and_between_files_are_reported_together(mall: Write) -> None:
    folder = mall("orders.csv", "109.90", "much")
    (folder / "refunds.csv").write_text(FILES["refunds.csv"].replace("O-1", "O-2"))
    (folder / "members.csv").write_text(FILES["members.csv"].replace("2025-11-01T12:", "soon"))

    errors, _last = places(import_mall(folder))

    assert [error.partition(": ")[0] for error in sorted(errors)] == [
        "members.csv:2 joined_at", "orders.csv:2 unit_price", "refunds.csv:2 order_no",
    ]  # fmt: skip
