"""Cards of a team graph never overlap, on wide and on narrow screens."""

from __future__ import annotations

from itertools import combinations

import pytest

from distribution.models import Distributor
from distribution.queries import TeamCounts
from members.models import Member
from reports.distributors.graph_layout import (
    DOTS_A_ROW,
    HEIGHT,
    WIDTH,
    Card,
    Graph,
    fit,
    lay_out,
    lay_out_dots,
)
from reports.distributors.tree import Dot, Node, Team
from reports.queries import Figures
from tests.cast import NOON


def node(key: int, *, tier: int = 1, team: int = 0, sales: int = 0, **fields: object) -> Node:
    values = {
        "key": key, "tier": tier, "member": Member(nickname=f"M{key}"), "own": None,
        "joined_at": NOON, "orders": 0, "sales": sales, "last_order_at": None, "team": team,
        "brought": 0, "earned": None, **fields,
    }  # fmt: skip
    return Node(**values)  # type: ignore[arg-type]


def team(*nodes: Node, tier1: int | None = None, dots: tuple[Dot, ...] = ()) -> Team:
    root = Distributor(member=Member(nickname="Mei"))
    counts = TeamCounts(len(nodes) if tier1 is None else tier1, 0, 0)
    return Team(root, counts, Figures(), None, nodes, dots)


def opened(key: int, *, children: int, team_size: int) -> Node:
    rows = tuple(node(100 * key + place, tier=2) for place in range(children))
    return node(key, team=team_size, children=rows)


def overlaps(graph: Graph, place: str) -> list[tuple[Card, Card]]:
    def apart(one: Card, other: Card) -> bool:
        a, b = getattr(one, place), getattr(other, place)
        return abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT

    return [pair for pair in combinations(graph.cards, 2) if not apart(*pair)]


@pytest.mark.parametrize("place", ["wide", "narrow"])
def test_cards_never_overlap_and_stay_inside(place: str) -> None:
    graph = lay_out(
        team(opened(1, children=3, team_size=5), node(2), opened(3, children=1, team_size=1),
             node(4, team=9), tier1=20)
    )  # fmt: skip

    width = graph.width if place == "wide" else graph.narrow_width
    height = graph.height if place == "wide" else graph.narrow_height
    assert overlaps(graph, place) == []
    for card in graph.cards:
        point = getattr(card, place)
        assert 0 <= point.x <= width - WIDTH
        assert 0 <= point.y <= height - HEIGHT


def test_what_is_not_shown_has_a_card_of_its_own() -> None:
    graph = lay_out(team(opened(1, children=3, team_size=5), tier1=8))

    more = [(card.tier, card.hidden) for card in graph.cards if card.kind == "more"]
    assert more == [(2, 2), (1, 7)]


def test_children_begin_beside_their_parent() -> None:
    root, direct, first, _second, after = lay_out(
        team(opened(1, children=2, team_size=2), node(2))
    ).cards

    assert root.wide.y == direct.wide.y == first.wide.y
    assert after.wide.y > first.wide.y


def test_a_narrow_graph_fits_on_a_phone() -> None:
    graph = lay_out(team(opened(1, children=2, team_size=2)))

    assert graph.narrow_width <= 390 - 2 * 16


def test_bars_compare_what_was_bought() -> None:
    cards = lay_out(team(node(1, sales=1_000), node(2, sales=500), node(3))).cards

    most, half, nothing = (card.bar for card in cards[1:])
    assert half == most // 2
    assert nothing == 0


def test_an_empty_team_has_the_root_alone() -> None:
    graph = lay_out(team())

    assert [card.kind for card in graph.cards] == ["root"]
    assert (graph.width, graph.height) == (WIDTH + 8, HEIGHT + 8)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Mei", "Mei"), ("一二三四五六七八九", "一二三四五六七八九"),
     ("一二三四五六七八九十", "一二三四五六七八…"), ("a" * 19, "a" * 17 + "…"), ("", "")],
)  # fmt: skip
def test_a_long_name_is_cut_by_its_width(name: str, shown: str) -> None:
    assert fit(name) == shown


def test_dots_are_darker_the_more_was_bought() -> None:
    dots = [Dot(key, orders=1, sales=key * 100, is_distributor=False) for key in range(8)]

    placed, width, height = lay_out_dots(dots)

    assert [dot.shade for dot in placed] == [0, 1, 2, 2, 3, 3, 4, 4]
    assert (width, height) == (8 * 13, 13)


def test_a_thousand_dots_stand_in_rows() -> None:
    placed, width, height = lay_out_dots([Dot(key, 0, 0, False) for key in range(1_000)])

    assert len({(dot.x, dot.y) for dot in placed}) == 1_000
    assert (width, height) == (DOTS_A_ROW * 13, 20 * 13)
