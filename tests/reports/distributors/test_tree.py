"""A team is read as a tree of two tiers, never a third."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from distribution.models import Distributor
from distribution.services import change_status, leave
from members.models import User
from reports.distributors.tree import (
    CHILDREN,
    FIRST,
    MAX_OPEN,
    MAX_SHOWN,
    Asked,
    Node,
    find_in_team,
    nodes_of,
    read_team,
)
from reports.team import tier_rows
from tests.cast import NOON, member
from tests.distribution.people import REASON
from tests.reports.distributors.shop import LATER, buys, of, open_team
from tests.reports.folding import fold_all
from tests.shop import DAY, distributor, make_referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei() -> Distributor:
    root = open_team()
    fold_all()
    return root


def names(nodes: tuple[Node, ...] | None) -> list[str]:
    return [str(node.member) for node in nodes or ()]


def key_of(name: str) -> int:
    return int(of(name).member.bindings.get().pk)


def test_the_direct_members_and_their_figures(mei: Distributor) -> None:
    buys("Ben", orders=2)

    team = read_team(mei, Asked(), at=LATER)

    assert names(team.nodes) == ["Ben", "Ann", "Lan"]
    ben, _ann, lan = team.nodes
    assert (ben.orders, ben.sales, ben.earned, ben.own) == (2, 21_980, 2_198, None)
    assert (lan.team, lan.can_open, lan.children) == (1, True, None)
    assert (team.counts.tier1, team.counts.tier2, team.upline) == (3, 1, None)
    assert (team.life.sales, team.life.total_income) == (21_980, 2_198)
    assert [dot.sales for dot in team.dots] == [21_980, 0, 0]


def test_an_opened_member_shows_tier_2_and_nothing_below(mei: Distributor) -> None:
    buys("Bo")

    team = read_team(mei, Asked(opened=(key_of("Lan"),)), at=LATER)
    [lan] = [node for node in team.nodes if node.key == key_of("Lan")]

    assert names(lan.children) == ["Bo"]
    [bo] = lan.children or ()
    assert (bo.tier, bo.earned, bo.via) == (2, 549, of("Lan").member)
    assert bo.team == 1
    assert not bo.can_open  # Chen would be a third tier
    assert lan.brought == 10_990
    opened = Asked(opened=(key_of("Lan"), key_of("Bo")))
    assert "Chen" not in repr(read_team(mei, opened, at=LATER).nodes)


def test_a_member_in_focus_is_shown_first(mei: Distributor) -> None:
    buys("Ben")
    key = int(member("Ann").bindings.get().pk)

    asked = Asked(shown=1, focus=key)

    assert names(read_team(mei, asked, at=LATER).nodes) == ["Ann"]
    other = int(member("Bo").bindings.get().pk)  # of another team
    assert names(read_team(mei, Asked(shown=1, focus=other), at=LATER).nodes) == ["Ben"]


def test_who_has_left_or_whose_upline_has_exited_is_gone_at_once(
    mei: Distributor, qian: User
) -> None:
    ann = member("Ann")
    leave(member=ann, by=ann, reason=REASON, at=NOON + DAY)
    change_status(
        distributor=of("Lan"), to=Distributor.Status.EXITED, by=qian, at=NOON + DAY, reason=REASON
    )

    team = read_team(mei, Asked(opened=(key_of("Lan"),)), at=LATER)

    assert names(team.nodes) == ["Lan", "Ben"] or names(team.nodes) == ["Ben", "Lan"]
    assert all(node.children in (None, ()) for node in team.nodes)
    assert list(tier_rows(mei, tier=2, sort="sales", at=LATER)) == []
    mei.refresh_from_db()
    change_status(
        distributor=mei, to=Distributor.Status.EXITED, by=qian, at=NOON + DAY, reason=REASON
    )
    mei.refresh_from_db()
    assert read_team(mei, Asked(), at=LATER).nodes == ()


@pytest.mark.parametrize("sort", ["sales", "orders", "team", "joined"])
def test_every_order_lists_both_tiers(mei: Distributor, sort: str) -> None:
    direct = tier_rows(mei, tier=1, sort=sort, at=LATER)
    below = tier_rows(mei, tier=2, sort=sort, at=LATER)

    assert {str(row.member) for row in direct} == {"Lan", "Ann", "Ben"}
    assert [str(row.member) for row in below] == ["Bo"]


def test_members_of_both_tiers_are_found_by_name_or_id(mei: Distributor) -> None:
    assert names(tuple(find_in_team(mei, "Ann", at=LATER))) == ["Ann"]
    [bo] = find_in_team(mei, "Bo", at=LATER)
    assert (bo.tier, str(bo.via)) == (2, "Lan")
    assert names(tuple(find_in_team(mei, member("Ben").public_id, at=LATER))) == ["Ben"]
    assert find_in_team(mei, "Chen", at=LATER) == []  # tier 3 is nobody's business


def test_nodes_come_in_the_order_given(mei: Distributor) -> None:
    keys = [int(member(name).bindings.get().pk) for name in ("Ben", "Ann")]

    assert names(tuple(nodes_of(mei, keys, tier=1))) == ["Ben", "Ann"]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (("", "", [], ""), Asked()),
        (("team", "70", ["3", "3", "x", "-1"], "7"), Asked("team", 70, (3,), 7)),
        (("tier3", "-5", [], "x"), Asked()),
        (("sales", "999999999", [], "9" * 30), Asked(shown=MAX_SHOWN)),
        (("sales", "1", ["²"], "٣"), Asked()),
    ],
)
def test_addresses_that_make_no_sense_mean_the_default(given: tuple, asked: Asked) -> None:
    assert Asked.of(*given) == asked


def test_only_so_many_teams_are_open_at_once() -> None:
    asked = Asked.of("", "", [str(key) for key in range(1, 30)], "")

    assert len(asked.opened) == MAX_OPEN
    assert asked.opened[-1] == 29
    assert asked.shown == FIRST


def test_more_members_and_open_teams_need_no_more_queries(mei: Distributor) -> None:
    def count(asked: Asked) -> int:
        with CaptureQueriesContext(connection) as seen:
            team = read_team(mei, asked, at=LATER)
        assert team.nodes
        return len(seen)

    few = count(Asked(opened=(key_of("Lan"),)))
    for number in range(5):
        direct = member(f"D{number}")
        make_referral(mei.member, direct)
        distributor(direct)
        for place in range(3):
            make_referral(direct, member(f"D{number}-{place}"))
    fold_all()
    opened = tuple(key_of(name) for name in ("Lan", *(f"D{number}" for number in range(5))))

    many = count(Asked(opened=opened))

    assert many <= few
    assert many <= 14


def test_a_large_team_below_is_cut(mei: Distributor) -> None:
    lan = of("Lan").member
    for place in range(CHILDREN + 2):
        make_referral(lan, member(f"L{place}"))
    fold_all()

    team = read_team(mei, Asked(opened=(key_of("Lan"),)), at=LATER)
    [node] = [row for row in team.nodes if row.key == key_of("Lan")]

    assert len(node.children or ()) == CHILDREN
    assert node.hidden_children == 3
