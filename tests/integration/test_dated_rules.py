"""Rules with dates: each order is paid by the rules of its day, whenever they were imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from commissions.models import Plan, Rule
from tests.integration.files import FILES, Write, import_mall, summary
from tests.shop import commissions, plan

pytestmark = pytest.mark.django_db

HEADER = "scope,target,tier1,tier2,base,asset,from\n"
LINE = FILES["orders.csv"].splitlines()[1]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def rules(folder: Path, *rows: str) -> Path:
    (folder / "rules.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return folder


def order(folder: Path, number: str, month: str) -> Path:
    with (folder / "orders.csv").open("a") as file:
        file.write(LINE.replace("O-1", number).replace("2025-11", month) + "\n")
    return folder


def amounts(number: str) -> list[int]:
    return [row[3] for row in commissions(number)]


def test_the_next_day_of_a_target_ends_its_rule(mall: Write) -> None:
    folder = rules(
        mall(),
        "store,,10%,5%,paid,cash,",
        "store,,20%,1%,paid,cash,2025/12/1",
        "store,,,,paid,cash,2026-02-01T00:00:00+08:00",
        "category,beauty,7%,,paid,cash,2026/1/1",
    )  # fmt: skip
    for number, month in (("O-2", "2025-12"), ("O-3", "2026-01"), ("O-4", "2026-02")):
        order(folder, number, month)

    assert import_mall(folder) == ""

    assert [amounts(f"O-{n}") for n in (1, 2, 3, 4)] == [
        [1_099, 549], [2_198, 109], [769], [769],
    ]  # fmt: skip
    ends = Rule.objects.filter(layer="store").order_by("priority").values_list("ends_at", flat=True)
    assert list(ends) == [
        datetime(2025, 11, 30, 16, tzinfo=UTC), datetime(2026, 1, 31, 16, tzinfo=UTC), None,
    ]  # fmt: skip


def test_the_same_rules_in_another_order_and_zone_are_one_plan(mall: Write) -> None:
    rows = ["store,,10%,5%,paid,cash,", "store,,20%,,paid,cash,2025/12/1"]
    assert import_mall(rules(mall(), *rows)) == ""
    rows[1] = "store,,20%,,paid,cash,2025-11-30T16:00:00+00:00"

    assert import_mall(rules(mall(), *reversed(rows))) == ""
    assert Plan.objects.count() == 1


@pytest.mark.parametrize("by_hand", [True, False])
def test_with_a_plan_in_force_rules_need_a_day(mall: Write, by_hand: bool) -> None:
    if by_hand:
        plan()
    else:
        assert import_mall(mall()) == ""

    errors = import_mall(mall("rules.csv", "10%", "20%"))

    assert "rules.csv:2 from: from which day?" in errors
    assert Plan.objects.count() == 1


def test_a_second_import_supersedes_only_from_its_earliest_day(mall: Write) -> None:
    assert import_mall(mall()) == ""
    folder = rules(mall(), "store,,20%,,paid,cash,2025/12/1", "store,,30%,,paid,cash,2026/1/1")
    for number, month in (("O-2", "2025-11"), ("O-3", "2025-12"), ("O-4", "2026-01")):
        order(folder, number, month)

    assert import_mall(folder) == ""

    assert [amounts(f"O-{n}") for n in (1, 2, 3, 4)] == [
        [1_099, 549], [1_099, 549], [2_198], [3_297],
    ]  # fmt: skip


def test_earlier_rules_again_change_nothing_and_name_the_plan_in_force(mall: Write) -> None:
    assert import_mall(mall()) == ""
    assert import_mall(rules(mall(), "store,,20%,,paid,cash,2025/12/1")) == ""

    output = summary(mall())

    assert "these rules are the plan #1" in output
    assert "the newer plan #2" in output
    assert Plan.objects.count() == 2


def test_a_later_plan_that_stays_in_force_is_named(mall: Write) -> None:
    assert import_mall(mall()) == ""
    assert import_mall(rules(mall(), "store,,20%,,paid,cash,2025/12/1")) == ""
    folder = order(rules(mall(), "store,,30%,,paid,cash,2025/11/15"), "O-3", "2025-12")

    assert "#2" in summary(folder)
    assert amounts("O-3") == [2_198]


def test_two_rules_of_one_target_and_day_are_refused(mall: Write) -> None:
    rows = ["store,,10%,,paid,cash,2025/12/1", "store,,20%,,paid,cash,2025/12/1"]

    assert "rules.csv:3 from: is the same as in line 2" in import_mall(rules(mall(), *rows))
    assert not Plan.objects.exists()
