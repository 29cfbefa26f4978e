"""Place the cards of a team graph: pure geometry, for a wide and for a narrow screen at once.

The page draws each card once; its style sheet chooses between the two places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import east_asian_width

from reports.distributors.tree import Dot, Node, Team

WIDTH = 288
HEIGHT = 60
ROW = 72
COLUMN = 328
MARGIN = 4
INDENT = 18
CORNER = 10
BAR = WIDTH - 24
NAME_UNITS = 18
"""How many half-width characters of a name fit into a card."""
DOT, DOTS_A_ROW = 13, 50
SHADES = 4


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card, its two places, and the lines that lead to it.

    ``kind``: root, member, or more: how many members are not shown.
    """

    kind: str
    key: int
    tier: int
    node: Node | None
    wide: Point
    narrow: Point
    paths: tuple[str, str] = ("", "")
    """On the wide and on the narrow screen."""
    hidden: int = 0
    position: int = 1
    size: int = 1
    bar: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """The cards in the order of reading, and the sizes of both drawings."""

    cards: tuple[Card, ...]
    width: int
    height: int
    narrow_width: int
    narrow_height: int


def lay_out(team: Team) -> Graph:
    """Return the places of all cards: a root, its direct members, and below them their own."""
    builder = _Builder(team)
    cards = (builder.root(), *builder.directs())
    rows = max(builder.row, 1)
    tiers = 1 + max((card.tier for card in cards), default=0)
    return Graph(
        cards=cards,
        width=2 * MARGIN + COLUMN * (tiers - 1) + WIDTH,
        height=2 * MARGIN + ROW * rows - (ROW - HEIGHT),
        narrow_width=2 * MARGIN + INDENT * 2 + WIDTH,
        narrow_height=2 * MARGIN + ROW * len(cards) - (ROW - HEIGHT),
    )


def fit(name: str, units: int = NAME_UNITS) -> str:
    """Shorten a name to so many half-width characters: SVG does not cut text."""
    used = 0
    for place, letter in enumerate(name):
        used += 2 if east_asian_width(letter) in "FW" else 1
        if used > units:
            return f"{name[: max(0, place - 1)]}…"
    return name


@dataclass(frozen=True, slots=True)
class PlacedDot:
    """A direct member in the overview: darker the more they bought, 0 for nothing."""

    key: int
    x: int
    y: int
    shade: int
    is_distributor: bool


def lay_out_dots(dots: Iterable[Dot]) -> tuple[list[PlacedDot], int, int]:
    """Return the dots of all direct members in rows, with the width and height of the picture."""
    rows = list(dots)
    limits = _limits([dot.sales for dot in rows])
    placed = [
        PlacedDot(
            dot.key, place % DOTS_A_ROW * DOT, place // DOTS_A_ROW * DOT,
            _shade(dot.sales, limits), dot.is_distributor,
        )
        for place, dot in enumerate(rows)
    ]  # fmt: skip
    lines = -(-len(rows) // DOTS_A_ROW)
    return placed, min(len(rows), DOTS_A_ROW) * DOT, lines * DOT


def _limits(sales: list[int]) -> list[int]:
    """Return the amounts at which the next shade begins: each shade has as many members."""
    sold = sorted(amount for amount in sales if amount > 0)
    return [sold[len(sold) * part // SHADES] for part in range(1, SHADES)] if sold else []


def _shade(sales: int, limits: list[int]) -> int:
    return 1 + sum(sales >= limit for limit in limits) if sales > 0 else 0


class _Builder:
    """Counts the rows of both drawings while cards are added from the top."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.row = 0
        self._narrow_row = 0

    def root(self) -> Card:
        return Card("root", 0, 0, None, self._wide(0), self._narrow(0))

    def directs(self) -> Iterator[Card]:
        size = len(self.team.nodes) + bool(self.team.hidden)
        for position, node in enumerate(self.team.nodes, start=1):
            direct = self._member(node, (0, 0), position, size)
            yield direct
            if node.children:
                yield from self._below(node, direct)
            else:
                self.row += 1
        if self.team.hidden:
            yield self._more(1, 0, (0, 0), self.team.hidden, size)
            self.row += 1

    def _below(self, node: Node, direct: Card) -> Iterator[Card]:
        children = node.children or ()
        above = self.row, (direct.narrow.y - MARGIN) // ROW
        size = len(children) + bool(node.hidden_children)
        for position, child in enumerate(children, start=1):
            yield self._member(child, above, position, size)
            self.row += 1
        if node.hidden_children:
            yield self._more(2, node.key, above, node.hidden_children, size)
            self.row += 1

    def _member(self, node: Node, above: tuple[int, int], position: int, size: int) -> Card:
        best = self.team.best
        return Card(
            "member", node.key, node.tier, node, self._wide(node.tier), self._narrow(node.tier),
            position=position, size=size,
            bar=max(2, BAR * node.sales // best) if best and node.sales > 0 else 0,
            paths=self._paths(node.tier, above),
        )  # fmt: skip

    def _more(self, tier: int, key: int, above: tuple[int, int], hidden: int, size: int) -> Card:
        return Card(
            "more", key, tier, None, self._wide(tier), self._narrow(tier), hidden=hidden,
            position=size, size=size, paths=self._paths(tier, above),
        )  # fmt: skip

    def _wide(self, tier: int) -> Point:
        return Point(MARGIN + COLUMN * tier, MARGIN + ROW * self.row)

    def _narrow(self, tier: int) -> Point:
        place = Point(MARGIN + INDENT * tier, MARGIN + ROW * self._narrow_row)
        self._narrow_row += 1
        return place

    def _paths(self, tier: int, above: tuple[int, int]) -> tuple[str, str]:
        """Return the lines from the card above, whose rows in both drawings are given."""
        from_row, narrow_from = above
        start = Point(MARGIN + COLUMN * (tier - 1) + WIDTH, MARGIN + ROW * from_row + HEIGHT // 2)
        end = Point(MARGIN + COLUMN * tier, MARGIN + ROW * self.row + HEIGHT // 2)
        # Lines to cards further down run along the same trunk, so that they are one line.
        trunk = (start.x + end.x) // 2
        elbow = f"V{end.y - CORNER}q0 {CORNER} {CORNER} {CORNER}" if end.y > start.y else ""
        line = f"M{start.x} {start.y}H{trunk}{elbow}H{end.x}"
        # The card has taken its narrow row already.
        across = MARGIN + INDENT * (tier - 1) + INDENT // 2
        top = MARGIN + ROW * narrow_from + HEIGHT
        down = MARGIN + ROW * (self._narrow_row - 1) + HEIGHT // 2
        return line, f"M{across} {top}V{down}H{MARGIN + INDENT * tier}"
