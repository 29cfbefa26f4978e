"""The rows of teams are what their members are, after every change and after a fold.

Mei referred Lan, and Lan referred Bo.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from distribution.models import Binding, Distributor, Level
from distribution.services import change_status, leave, set_level
from distribution.services.exits import end_bindings_to_exited
from members.models import Member, User
from orders.services import complete
from reports.models import TeamChange, TeamMember
from reports.services import differences
from reports.team import team_page, team_rows, team_size
from tests.cast import NOON, member, staff
from tests.distribution.people import REASON
from tests.reports.folding import fold_all
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    distributor,
    ingest,
    make_referral,
    open_shop,
    order,
    settle_all,
)

pytestmark = pytest.mark.django_db
LATER = PLACED + 3 * DAY + WEEK


@pytest.fixture
def mei() -> Distributor:
    """Mei's level sees the data of her team."""
    open_shop()
    mei = Distributor.objects.get(member__nickname="Mei")
    level = Level.objects.create(rank=2, name="Gold", sees_team_data=True)
    set_level(distributor=mei, level=level, by=staff("qian"), at=NOON + DAY, reason=REASON)
    return mei


def of(name: str) -> Distributor:
    return Distributor.objects.get(member__nickname=name)


def names(whose: Distributor, sort: str) -> list[str]:
    rows = team_page(whose, tier=1, sort=sort, at=LATER).order_by("-position")
    return [row.member.nickname for row in rows]


def buys(name: str, *, orders: int = 1) -> None:
    buyer = Member.objects.get(nickname=name)
    ingest(*(order(buyer, number=f"{name}-{n}", received=True) for n in range(orders)))
    while complete(at=LATER):
        pass


def test_a_team_is_sorted_by_orders_sales_and_size(mei: Distributor) -> None:
    for name in ("Ann", "Ben"):
        make_referral(mei.member, member(name))
    buys("Ann")
    buys("Ben", orders=2)
    fold_all()

    assert names(mei, "orders") == names(mei, "sales") == ["Ben", "Ann", "Lan"]
    assert names(mei, "team")[0] == "Lan"
    assert names(mei, "joined") == ["Ben", "Ann", "Lan"]
    page = list(team_page(mei, tier=1, sort="orders", at=LATER).order_by("-position"))
    figures = {row.nickname: row.figures for row in team_rows(mei, page, tier=1)}
    assert figures["Ben"] is not None
    assert (figures["Ben"].orders, figures["Ben"].sales) == (2, 21_980)
    assert figures["Lan"] is not None
    assert figures["Lan"].team == 1
    assert differences() == []


def test_both_tiers_are_counted(mei: Distributor) -> None:
    fold_all()
    assert vars_of(team_size(mei)) == (1, 1, 1)

    make_referral(of("Lan").member, member("Ann"))
    make_referral(mei.member, member("Ben"))
    fold_all()
    assert vars_of(team_size(mei)) == (2, 1, 2)

    distributor(member("Ben"), at=NOON + DAY)
    fold_all()
    assert vars_of(team_size(mei)) == (2, 2, 2)
    assert differences() == []


def vars_of(counts: Any) -> tuple[int, int, int]:
    return counts.tier1, counts.tier1_distributors, counts.tier2


def test_who_leaves_is_gone(mei: Distributor) -> None:
    fold_all()

    lan = of("Lan").member
    leave(member=lan, by=lan, reason=REASON, at=NOON + DAY)
    assert names(mei, "orders") == []  # at once, although nothing is folded
    fold_all()

    assert vars_of(team_size(mei)) == (0, 0, 0)
    assert not TeamMember.objects.filter(distributor=mei).exists()
    assert differences() == []


def test_the_team_of_an_exited_distributor_is_empty(mei: Distributor, qian: User) -> None:
    fold_all()
    change_status(
        distributor=of("Lan"), to=Distributor.Status.EXITED, by=qian, at=NOON + DAY, reason=REASON
    )

    assert vars_of(team_size(of("Lan"))) == (0, 0, 0)
    while end_bindings_to_exited():
        pass
    fold_all()
    assert vars_of(team_size(mei)) == (1, 1, 0)
    assert differences() == []


def test_an_order_on_its_way_marks_nobody(mei: Distributor) -> None:
    fold_all()

    ingest(order(Member.objects.get(nickname="Bo")))

    assert not TeamChange.objects.exists()


def test_a_changed_row_is_found(mei: Distributor) -> None:
    fold_all()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_teammember SET orders = 9")
        cursor.execute("UPDATE reports_teamsize SET tier2 = 9 WHERE distributor_id = %s", [mei.pk])

    found = differences()
    assert len(found) == 3
    assert sum("team of distributor" in row for row in found) == 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_any_history_adds_up(mei: Distributor, seed: int) -> None:
    numbers = random.Random(seed)
    people = ["Mei", "Lan", "Bo"]
    for number in range(25):
        name = f"P{number}"
        upline = of(numbers.choice([who for who in people if is_active(who)]))
        at = NOON + timedelta(hours=number)
        make_referral(upline.member, member(name), at=at)
        people.append(name)
        if numbers.random() < 0.5:
            distributor(member(name), at=at)
        if numbers.random() < 0.4:
            buys(numbers.choice(people[2:]) if number else name)
        if numbers.random() < 0.2:
            bound = numbers.choice(list(Binding.objects.filter(ended_at=None)))
            leave(member=bound.member, by=bound.member, reason=REASON, at=at)
        if numbers.random() < 0.3:
            fold_all()
            assert differences() == []
    settle_all(at=LATER)

    assert differences() == []
    fold_all()
    assert differences() == []
    for row in Distributor.objects.all():
        running = Binding.objects.filter(ended_at=None, distributor=row)
        below = Binding.objects.filter(
            ended_at=None, distributor__member__in=running.values("member")
        )
        assert vars_of(team_size(row)) == (
            running.count(),
            running.filter(member__distributor__isnull=False).count(),
            below.count(),
        )
        folded = TeamMember.objects.filter(above=row).values_list("binding", flat=True)
        assert set(folded) == set(below.values_list("pk", flat=True))


def is_active(name: str) -> bool:
    return Distributor.objects.active().filter(member__nickname=name).exists()


def below(whose: Distributor, sort: str = "joined") -> list[str]:
    rows = team_page(whose, tier=2, sort=sort, at=LATER).order_by("-position")
    return [row.member.nickname for row in rows]


def test_tier_2_is_sorted_by_orders_sales_and_size(mei: Distributor) -> None:
    lan = of("Lan").member
    for name in ("Ann", "Ben"):
        make_referral(lan, member(name))
    distributor(member("Ben"), at=NOON)
    make_referral(member("Ben"), member("Cleo"))
    buys("Ann", orders=2)
    buys("Bo")
    fold_all()

    assert below(mei) == ["Ben", "Ann", "Bo"]
    assert below(mei, "orders") == below(mei, "sales") == ["Ann", "Bo", "Ben"]
    assert below(mei, "team")[0] == "Ben"
    assert below(of("Lan")) == []  # her level sees no team data
    assert differences() == []


def test_an_upline_that_leaves_takes_its_team_along(mei: Distributor) -> None:
    fold_all()
    assert below(mei) == ["Bo"]

    lan = of("Lan").member
    leave(member=lan, by=lan, reason=REASON, at=NOON + DAY)
    assert below(mei) == []  # at once, although nothing is folded
    fold_all()

    assert TeamMember.objects.get(binding__member__nickname="Bo").above is None
    assert differences() == []


def test_an_upline_that_is_bound_later_brings_its_team(mei: Distributor) -> None:
    distributor(member("Ann"))
    make_referral(member("Ann"), member("Ben"))
    fold_all()
    assert below(mei) == ["Bo"]

    make_referral(mei.member, member("Ann"))
    fold_all()

    assert below(mei) == ["Ben", "Bo"]
    assert differences() == []


def test_the_team_of_an_exited_upline_is_gone_at_once(mei: Distributor, qian: User) -> None:
    fold_all()

    change_status(
        distributor=of("Lan"), to=Distributor.Status.EXITED, by=qian, at=NOON + DAY, reason=REASON
    )

    assert below(mei) == []


def test_a_wrong_second_tier_is_found(mei: Distributor) -> None:
    fold_all()

    TeamMember.objects.filter(binding__member__nickname="Bo").update(above=None)

    assert len(differences()) == 1
