"""The history of uplines: each order is paid to the upline of its moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from distribution.models import Binding, Distributor, Referral
from distribution.services import change_status, exit_distributor, leave
from members.models import Identity, Member, User
from orders.models import Order
from tests.cast import NOON
from tests.cast import member as join_member
from tests.integration.files import FILES, Write, import_mall
from tests.shop import DAY, commissions

pytestmark = pytest.mark.django_db

HEADER = "member,distributor,bound_at,ended_at\n"
LAN = "lan,mei,2025-11-01T13:00:00+08:00,"
BO = ("bo,lan,2025-11-02T12:00:00+08:00,2025-11-10T12:00:00+08:00",
      "bo,mei,2025-11-12T12:00:00+08:00,")  # fmt: skip
LINE = FILES["orders.csv"].splitlines()[1]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def bindings(folder: Path, *rows: str, keep_referrers: bool = False) -> Path:
    (folder / "bindings.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
    if not keep_referrers:
        lines = [line.split(",") for line in FILES["members.csv"].splitlines()]
        text = "".join(",".join(cells[:6]) + "\n" for cells in lines)
        (folder / "members.csv").write_text(text)
    return folder


def order(folder: Path, number: str, day: int) -> Path:
    text = LINE.replace("O-1", number)
    for old, new in (("11-03", f"11-{day}"), ("11-05", "12-05")):
        text = text.replace(old, new)
    with (folder / "orders.csv").open("a") as file:
        file.write(f"{text}\n")
    return folder


def member(name: str) -> Member:
    return Identity.objects.get(provider="mall", external_id=name).member


def history(name: str = "bo") -> list[tuple[str, str, str]]:
    rows = Binding.objects.filter(member=member(name)).order_by("started_at")
    return [(row.distributor.member.nickname, row.source, row.end_reason) for row in rows]


def test_each_order_is_paid_to_the_upline_of_its_moment(mall: Write) -> None:
    folder = bindings(mall(), LAN, *BO)
    for number, day in (("O-2", 11), ("O-3", 13)):
        order(folder, number, day)

    assert import_mall(folder) == ""

    assert history() == [("兰", "import", "imported"), ("梅", "import", "")]
    assert [[row[2:4] for row in commissions(f"O-{n}")] for n in (1, 2, 3)] == [
        [("兰", 1_099), ("梅", 549)], [], [("梅", 1_099)],
    ]  # fmt: skip
    assert Referral.objects.get(member=member("bo")).referrer == member("lan")


@pytest.mark.parametrize("until", ["2025-11-05", "2025-11-10", "2025-11-11", "2025-11-20"])
def test_an_import_in_steps_gives_the_same(mall: Write, until: str) -> None:
    folder = order(bindings(mall(), LAN, *BO), "O-3", 13)

    assert import_mall(folder, "--until", f"{until}T12:00:00+08:00") == ""
    for _ in range(2):
        assert import_mall(folder) == ""

    assert history() == [("兰", "import", "imported"), ("梅", "import", "")]
    assert [row[2:4] for row in commissions("O-3")] == [("梅", 1_099)]


def test_a_history_completes_what_was_imported_without_it(mall: Write) -> None:
    assert import_mall(mall()) == ""

    assert import_mall(bindings(mall(), LAN, *BO, keep_referrers=True)) == ""

    assert history() == [("兰", "import", "imported"), ("梅", "import", "")]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (("bo,ghost,2025-11-02T12:00:00+08:00,",), "bindings.csv:2 distributor: “ghost”"),
        (("ghost,lan,2025-11-02T12:00:00+08:00,",), "bindings.csv:2 member: “ghost”"),
        (("lan,bo,2025-11-03T12:00:00+08:00,",), "“bo” is no distributor at this time"),
        (("mei,lan,2025-11-01T12:30:00+08:00,",), "“lan” is no distributor at this time"),
        (("bo,lan,2025-11-01T14:00:00+08:00,",), "is before the member joined"),
        (("lan,lan,2025-11-02T14:00:00+08:00,",), "bindings.csv:2 distributor: is the member"),
        (("bo,lan,2025-11-03T12:00:00+08:00,2025-11-03T12:00:00+08:00",), "is not after"),
        ((BO[0], BO[1].replace("11-12", "11-09")), "bindings.csv:3 bound_at: overlaps"),
        ((BO[1], BO[0].replace("11-10", "11-13")), "bindings.csv:2 bound_at: overlaps"),
        (("bo,lan,2025-11-02T12:00:00+08:00,", BO[1]), "bindings.csv:3 bound_at: overlaps"),
        ((LAN, "mei,lan,2025-11-03T12:00:00+08:00,"), "bindings.csv:3 distributor: is in the team"),
    ],
)
def test_an_impossible_history_is_refused(mall: Write, rows: tuple[str, ...], place: str) -> None:
    assert place in import_mall(bindings(mall(), *rows))
    assert not Member.objects.exists()


def test_uplines_may_change_places_in_time(mall: Write) -> None:
    folder = bindings(
        mall(),
        "mei,lan,2025-11-05T12:00:00+08:00,",
        f"{LAN}2025-11-05T12:00:00+08:00",
    )

    assert import_mall(folder) == ""
    assert history("mei") == [("兰", "import", "")]


def test_another_upline_in_the_file_of_members_is_refused(mall: Write) -> None:
    errors = import_mall(bindings(mall(), *BO, keep_referrers=True))

    assert "members.csv:3 referrer: is not in bindings.csv" in errors
    assert not Member.objects.exists()


def test_a_history_that_contradicts_a_stored_binding_is_refused(mall: Write) -> None:
    assert import_mall(bindings(mall(), LAN, *BO)) == ""
    moved = BO[0].replace("11-10", "11-11"), BO[1]

    errors = import_mall(bindings(mall(), LAN, *moved))
    assert "bindings.csv:3 ended_at: contradicts the stored binding" in errors
    errors = import_mall(bindings(mall(), LAN, BO[0].replace("lan", "mei"), BO[1]))
    assert "bindings.csv:3 bound_at: contradicts the stored binding" in errors

    assert history() == [("兰", "import", "imported"), ("梅", "import", "")]


def test_a_binding_that_ended_after_the_export_stays_ended(mall: Write) -> None:
    folder = bindings(mall(), LAN, "bo,lan,2025-11-02T12:00:00+08:00,")
    assert import_mall(folder) == ""
    bo = member("bo")
    started = Binding.objects.get(member=bo).started_at
    leave(member=bo, by=bo, at=started.replace(day=9), reason="moved")

    assert import_mall(folder) == ""
    assert history() == [("兰", "import", "left")]


def test_a_binding_may_start_after_the_exit_of_the_upline_before(mall: Write, feng: User) -> None:
    assert import_mall(bindings(mall(), LAN, "bo,lan,2025-11-02T12:00:00+08:00,")) == ""
    started = Binding.objects.get(member=member("bo")).started_at
    lan = Distributor.objects.get(member=member("lan"))
    exit_distributor(distributor=lan, by=feng, at=started.replace(day=9), reason="moved")

    assert import_mall(bindings(mall(), LAN, BO[1])) == ""
    assert history() == [("兰", "import", "upline_exit"), ("梅", "import", "")]


def test_an_upline_stored_as_suspended_is_refused(mall: Write, feng: User) -> None:
    assert import_mall(mall(), "--until", "2025-11-01T23:00:00+08:00") == ""
    lan = Distributor.objects.get(member=member("lan"))
    change_status(
        distributor=lan, to=Distributor.Status.SUSPENDED, by=feng, reason="check",
        at=NOON.replace(year=2025, hour=6),
    )  # fmt: skip

    errors = import_mall(bindings(mall(), LAN, *BO))

    assert "bindings.csv:3 distributor: “lan” is stored as not active at this time" in errors
    assert not Order.objects.exists()


def test_only_an_imported_binding_ends_by_import(mall: Write) -> None:
    assert import_mall(mall()) == ""
    lan = Distributor.objects.get(member=member("lan"))
    bound = Binding(
        member=join_member("Chen"), distributor=lan, source="share", started_at=NOON + 2 * DAY,
        ended_at=NOON + 3 * DAY, end_reason="imported",
    )  # fmt: skip

    with pytest.raises(IntegrityError, match="binding_imported_end"), transaction.atomic():
        bound.save()
