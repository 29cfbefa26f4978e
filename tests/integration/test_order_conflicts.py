"""Files that contradict stored orders hold these; many such orders stop the import instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from commissions.models import CommissionHold
from members.models import Member
from orders.models import Order, OrderConflict
from tests.integration.files import FILES, Write, import_mall, summary
from tests.shop import wallet_balance

pytestmark = pytest.mark.django_db

ROW = FILES["orders.csv"].splitlines()[1]
SETTLE = ("settle", "--at", "2026-11-26T00:00:00+08:00")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def with_orders(folder: Path, count: int, *, cheaper: int = 0) -> Path:
    """Write that many more orders, the first of them cheaper."""
    rows = [ROW.replace("O-1,1,", f"P-{number},1,") for number in range(count)]
    rows[:cheaper] = [row.replace("109.90", "99.90") for row in rows[:cheaper]]
    with (folder / "orders.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)
    return folder


def conflicts() -> list[tuple[str, str, str, str, str, str]]:
    rows = OrderConflict.objects.order_by("pk")
    return list(rows.values_list("number", "field", "source", "known", "given", "status"))


def held() -> list[str]:
    return list(CommissionHold.objects.order_by("pk").values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("change", "conflict"),
    [
        (("orders.csv", "109.90", "99.90"), ("lines[1].unit_price", "109.90", "99.90")),
        (
            ("orders.csv", "2025-11-05T15:00", "2025-05-11T15:00"),
            ("received_at", "2025-11-05T15:00:00+08:00", "2025-05-11T15:00:00+08:00"),
        ),
        (("refunds.csv", "36.63", "46.63"), ("refunds[R-1].amount", "36.63", "46.63")),
        (
            ("refunds.csv", "2025-11-06", "2025-06-11"),
            (
                "refunds[R-1].requested_at", "2025-11-06T12:00:00+08:00",
                "2025-06-11T12:00:00+08:00",
            ),
        ),
    ],
)  # fmt: skip
def test_a_stored_order_that_is_contradicted_is_held(
    mall: Write, change: tuple[str, str, str], conflict: tuple[str, str, str]
) -> None:
    import_mall(mall())

    errors = import_mall(mall(*change))

    assert "nothing was imported" in errors
    field, known, given = conflict
    assert ("O-1", field, "import", known, given, "open") in conflicts()
    assert held() == ["conflict", "conflict"]
    call_command(*SETTLE)
    assert wallet_balance(Member.objects.get(nickname="兰")) == 0


def test_the_right_files_end_it(mall: Write) -> None:
    import_mall(mall())
    import_mall(mall("orders.csv", "109.90", "99.90"))

    assert import_mall(mall()) == ""

    assert [row[5] for row in conflicts()] == ["resolved"]
    assert held() == []
    call_command(*SETTLE)
    assert wallet_balance(Member.objects.get(nickname="兰")) == 732


def test_skipped_orders_are_held_as_well(mall: Write, tmp_path: Path) -> None:
    import_mall(mall())
    folder = with_orders(mall("orders.csv", "109.90", "99.90"), 1)

    output = summary(folder, "--skip-bad", str(tmp_path / "bad"))

    assert "Filed conflicts of 1 orders" in output
    assert Order.objects.count() == 2
    assert [row[:2] for row in conflicts()] == [("O-1", "lines[1].unit_price")]


def test_an_order_that_cannot_be_read_is_no_conflict(mall: Write) -> None:
    import_mall(mall())

    import_mall(mall("orders.csv", "109.90", "much"))
    import_mall(mall("orders.csv", "bo,mask,1", "bo,mask,0"))

    assert (conflicts(), held()) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("orders", "cheaper", "stops"),
    [(399, 20, False), (399, 21, True), (19, 19, False), (20, 20, True)],
)
def test_many_conflicts_stop_the_import_before_anything_is_held(
    mall: Write, orders: int, cheaper: int, stops: bool
) -> None:
    """Above 5 % of all, and at least 20; the order O-1 of the files is right."""
    import_mall(with_orders(mall(), orders))

    errors = import_mall(with_orders(mall(), orders, cheaper=cheaper))

    if stops:
        assert f"{cheaper} of {orders + 1} orders contradict what is stored" in errors
        assert "--timezone" in errors
        assert (conflicts(), held()) == ([], [])
    else:
        assert len(conflicts()) == cheaper
        assert len(held()) == 2 * cheaper


def test_a_shifted_time_zone_holds_no_shop(mall: Write) -> None:
    folder = mall()
    local = (folder / "orders.csv").read_text(encoding="utf-8").replace("+08:00", "")
    (folder / "orders.csv").write_text(local, encoding="utf-8")
    import_mall(with_orders_local(folder, local))

    errors = import_mall(folder, "--timezone", "UTC")

    assert "31 of 31 orders" in errors
    assert (conflicts(), held()) == ([], [])


def with_orders_local(folder: Path, text: str) -> Path:
    row = text.splitlines()[1]
    more = [row.replace("O-1,1,", f"P-{number},1,") for number in range(30)]
    (folder / "orders.csv").write_text("\n".join([text.rstrip(), *more, ""]), encoding="utf-8")
    return folder


def test_a_shipped_order_with_an_empty_receipt_only_warns(mall: Write) -> None:
    import_mall(mall())

    output = summary(mall("orders.csv", "received,", "shipped,"))
    output += summary(mall("orders.csv", ",2025-11-05T15:00:00+08:00,", ",,"))

    assert "status" in output
    assert (conflicts(), held()) == ([], [])
