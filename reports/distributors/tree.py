"""Read a distributor's team as a tree of two tiers, for staff, from folded rows.

Nothing here walks further than two steps: the children of a direct member are tier 2, and they have
none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from distribution.models import Binding, Distributor
from distribution.queries import TEAM_SORTS, TeamCounts, binding_of
from ledger.chart import Asset
from members.models import Member
from members.search import search_members
from reports.models import PeriodFigures, TeamMember
from reports.periods import LIFE, Period
from reports.queries import Figures, life_figures
from reports.team import bound_now, earned_by, team_size, tier_rows

FIRST, STEP = 20, 50
"""How many direct members are shown at first, and how many more with each step."""
MAX_SHOWN = 1_000
CHILDREN = 30
"""How many members of tier 2 are shown below one of tier 1; the list has all of them."""
MAX_OPEN = 12
MAX_DOTS = 2_000
MAX_FOUND = 200
MAX_EARNED = 400
"""Of how many members the earned commission is read: more would make the page wait."""


@dataclass(frozen=True, slots=True)
class Node:
    """A member of the team. Amounts in fen.

    ``orders`` and ``sales``: what the member bought, after the protection. ``team``: members bound
    to them, ``brought``: what their own team bought since ever. ``earned``: the cash that the
    distributor at the root earned by their orders; ``None`` if it was not read. ``via``: of tier 2,
    the direct member in between.
    """

    key: int
    tier: int
    member: Member
    own: Distributor | None
    joined_at: datetime
    orders: int
    sales: int
    last_order_at: datetime | None
    team: int
    brought: int
    earned: int | None
    via: Member | None = None
    children: tuple[Node, ...] | None = None
    """``None`` if the node is closed."""

    @property
    def hidden_children(self) -> int:
        return max(0, self.team - len(self.children or ()))

    @property
    def can_open(self) -> bool:
        return self.tier == 1 and self.team > 0


@dataclass(frozen=True, slots=True)
class Dot:
    """A direct member in the overview of all."""

    key: int
    orders: int
    sales: int
    is_distributor: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks to see of a team.

    :param opened: the keys of the bindings of direct members whose own team is shown
    :param focus: one of the direct members, shown first whatever their place
    """

    sort: str = "sales"
    shown: int = FIRST
    opened: tuple[int, ...] = ()
    focus: int | None = None

    @classmethod
    def of(cls, sort: str, shown: str, opened: Iterable[str], focus: str) -> Asked:
        """Read the parameters of an address; what makes no sense becomes the default."""
        keys = [int(key) for key in opened if _is_key(key)]
        return cls(
            sort=sort if sort in TEAM_SORTS else "sales",
            shown=min(max(int(shown), FIRST), MAX_SHOWN) if _is_key(shown) else FIRST,
            opened=tuple(dict.fromkeys(keys))[-MAX_OPEN:],
            focus=int(focus) if _is_key(focus) else None,
        )


@dataclass(frozen=True)
class Team:
    """A distributor at the root, with the part of the team that is shown."""

    root: Distributor
    counts: TeamCounts
    life: Figures
    upline: Distributor | None
    nodes: tuple[Node, ...]
    dots: tuple[Dot, ...] = field(repr=False)

    @property
    def hidden(self) -> int:
        return max(0, self.counts.tier1 - len(self.nodes))

    @property
    def best(self) -> int:
        """Return the most that a shown member bought, for the length of bars."""
        rows = [*self.nodes, *(child for node in self.nodes for child in node.children or ())]
        return max((node.sales for node in rows), default=0)


def read_team(root: Distributor, asked: Asked, *, at: datetime) -> Team:
    """Return a team, in a constant number of queries."""
    direct = _first_of(root, asked, at=at)
    if asked.focus and asked.focus not in direct and _is_direct(root, asked.focus, at=at):
        direct = [asked.focus, *direct[: asked.shown - 1]]
    opened = _children([key for key in asked.opened if key in direct], asked.sort, at=at)
    rows = _bindings([*direct, *(key for keys in opened.values() for key in keys)])
    figures = _Figures.of(root, rows.values())
    nodes = []
    for key in direct:
        if key not in rows:
            continue
        children: tuple[Node, ...] | None = None
        if key in opened:
            children = tuple(figures.node(rows[child], 2) for child in opened[key] if child in rows)
        nodes.append(figures.node(rows[key], 1, children))
    upline = binding_of(root.member, at=at)
    return Team(
        root=root,
        counts=team_size(root),
        life=life_figures(root),
        upline=upline.distributor if upline else None,
        nodes=tuple(nodes),
        dots=tuple(_dots(root, asked.sort)),
    )


def find_in_team(root: Distributor, term: str, *, at: datetime) -> list[Node]:
    """Return the members of both tiers that a name or a complete id finds, at most 200."""
    found = list(search_members(term).values_list("pk", flat=True)[:MAX_FOUND])
    rows = bound_now(root, at=at).filter(member__in=found)
    in_team = rows.filter(Q(distributor=root) | Q(team_row__above=root))
    tiers = dict(in_team.values_list("pk", "distributor"))
    bindings = _bindings(list(tiers))
    figures = _Figures.of(root, bindings.values())
    nodes = [figures.node(row, 1 if tiers[key] == root.pk else 2) for key, row in bindings.items()]
    return sorted(nodes, key=lambda node: (node.tier, -node.sales, node.key))


def nodes_of(root: Distributor, bindings: Sequence[int], *, tier: int) -> list[Node]:
    """Return the nodes of some bindings of a tier, in the order given."""
    rows = _bindings(bindings)
    figures = _Figures.of(root, rows.values())
    return [figures.node(rows[key], tier) for key in bindings if key in rows]


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(2**63))


def _first_of(root: Distributor, asked: Asked, *, at: datetime) -> list[int]:
    rows = tier_rows(root, tier=1, sort=asked.sort, at=at)
    return list(rows.values_list("pk", flat=True)[: asked.shown])


def _is_direct(root: Distributor, key: int, *, at: datetime) -> bool:
    return bound_now(root, at=at).filter(pk=key, distributor=root).exists()


def _children(opened: Sequence[int], sort: str, *, at: datetime) -> dict[int, list[int]]:
    """Return the first members below each opened one, by key, in two queries."""
    children: dict[int, list[int]] = {key: [] for key in opened}
    bindings = Binding.objects.filter(pk__in=opened, member__distributor__isnull=False)
    by_owner = {
        row.member.distributor.pk: (row.member.distributor, row.pk)
        for row in bindings.select_related("member__distributor")
    }
    pages = [
        tier_rows(own, tier=1, sort=sort, at=at).values_list("distributor", "pk", "position")[
            :CHILDREN
        ]
        for own, _key in by_owner.values()
    ]
    if pages:
        for owner, key, _position in sorted(
            pages[0].union(*pages[1:], all=True), key=lambda row: row[2], reverse=True
        ):
            children[by_owner[owner][1]].append(key)
    return children


def _bindings(keys: Sequence[int]) -> dict[int, Binding]:
    rows = Binding.objects.filter(pk__in=list(keys)).select_related(
        "member__purchase_totals", "member__distributor__level", "distributor__member", "team_row"
    )
    return {row.pk: row for row in rows}


def _dots(root: Distributor, sort: str) -> Iterable[Dot]:
    order = "-binding" if sort == "joined" else f"-by_{sort}"
    rows = TeamMember.objects.filter(distributor=root).order_by(order)
    for row in rows.values_list("binding", "orders", "sales", "is_distributor")[:MAX_DOTS]:
        yield Dot(*row)


@dataclass(frozen=True)
class _Figures:
    """The figures of some members of a team, read at once."""

    brought: dict[int, int]
    earned: dict[int, int] | None

    @classmethod
    def of(cls, root: Distributor, bindings: Collection[Binding]) -> _Figures:
        owns = [own.pk for row in bindings if (own := _own(row.member))]
        members = [row.member_id for row in bindings]
        return cls(
            brought=_sold_by(owns),
            earned=earned_by(root, members) if len(members) <= MAX_EARNED else None,
        )

    def node(self, binding: Binding, tier: int, children: tuple[Node, ...] | None = None) -> Node:
        member, own = binding.member, _own(binding.member)
        totals = getattr(member, "purchase_totals", None)
        team_row = getattr(binding, "team_row", None)
        return Node(
            key=binding.pk,
            tier=tier,
            member=member,
            own=own,
            joined_at=binding.started_at,
            orders=totals.protected_orders if totals else 0,
            sales=totals.protected_spend if totals else 0,
            last_order_at=totals.last_order_at if totals else None,
            team=team_row.team if team_row and own and not _has_exited(own) else 0,
            brought=self.brought.get(own.pk, 0) if own else 0,
            earned=None if self.earned is None else self.earned.get(binding.member_id, 0),
            via=binding.distributor.member if tier != 1 else None,
            children=children,
        )


def _sold_by(distributors: Collection[int]) -> dict[int, int]:
    """Return the sales of distributors since ever, in fen, by key."""
    rows = PeriodFigures.objects.filter(
        distributor__in=list(distributors), period=Period.ALL, start=LIFE, asset=Asset.CASH
    )
    return dict(rows.values_list("distributor", "sales"))


def _has_exited(own: Distributor) -> bool:
    return own.status == Distributor.Status.EXITED


def _own(member: Member) -> Distributor | None:
    own: Distributor | None = getattr(member, "distributor", None)
    return own
