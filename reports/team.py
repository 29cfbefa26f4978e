"""Read a distributor's team with what each member bought and what the distributor earned by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from commissions.models import Commission
from distribution import rules
from distribution.models import Binding, Distributor
from distribution.queries import TeamCounts, TeamDataHidden, sees_team_data
from ledger.chart import Asset
from members.avatars import avatar_url
from reports.models import TeamSize


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """``team``: members bound to this one, without what is not folded yet.

    ``orders`` and ``sales`` (fen): protected ones.

    ``commission``: the fen of cash that the distributor earned by this member's orders.
    """

    team: int
    orders: int
    sales: int
    commission: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A member of a team; ``member`` and ``nickname`` are masked in tier 2.

    ``avatar``: its address, empty in tier 2 and without one. ``via``: in tier 2 the nickname of the
    direct distributor. ``figures``: ``None`` unless the distributor's level sees team data.
    """

    member: str
    nickname: str
    avatar: str
    level: str
    is_distributor: bool
    joined_at: datetime
    via: str
    figures: TeamFigures | None


def team_page(distributor: Distributor, *, tier: int, sort: str, at: datetime) -> QuerySet[Any]:
    """Return what a member sees of a tier of their own team, as ``tier_rows`` does.

    Nothing is in tier 2 unless the level sees team data.

    :raises TeamDataHidden: the level sees no team data, so it cannot sort by it
    """
    sees_data = sees_team_data(distributor)
    if sort != "joined" and not sees_data:
        raise TeamDataHidden
    rows: QuerySet[Any] = tier_rows(distributor, tier=tier, sort=sort, at=at)
    rows = rows.annotate(team=F("team_row__team"))
    if tier != 1:
        rows = rows.select_related("distributor__member")
        if not sees_data:
            return rows.none()
    # Distributors apart: to order more joins takes the planner longer than to read them.
    own = Prefetch("member__distributor", Distributor.objects.select_related("level"))
    return rows.select_related("member__purchase_totals").prefetch_related(own)


def tier_rows(distributor: Distributor, *, tier: int, sort: str, at: datetime) -> QuerySet[Any]:
    """Return the bindings of a tier from high to low, with a unique ``position`` to page by.

    Tier 2, and tier 1 sorted by figures, are in the order of folded rows, so that the size of the
    team does not matter; a new binding is there after the next fold.

    :param tier: 1 or 2
    :param sort: one of ``distribution.queries.TEAM_SORTS``: the latest, or most protected orders,
        fen or members first
    """
    rows = bound_now(distributor, at=at)
    if tier == 1 and sort == "joined":
        return rows.filter(distributor=distributor).annotate(position=F("pk")).order_by("-position")
    position = F("team_row__binding") if sort == "joined" else F(f"team_row__by_{sort}")
    if tier == 1:
        rows = rows.filter(team_row__distributor=distributor)
    else:
        rows = through_team(rows.filter(team_row__above=distributor), distributor, at=at)
    return rows.annotate(position=position).order_by("-position")


def bound_now(distributor: Distributor, *, at: datetime) -> QuerySet[Binding]:
    """Return the bindings in force, to any distributor; none if this one has exited.

    ``in_force`` asks for the exit of each row's upline. Here few have exited, and the planner would
    guess that nearly no row is left.
    """
    if distributor.status == Distributor.Status.EXITED:
        return Binding.objects.none()
    return Binding.objects.filter(_now(at))


def _now(at: datetime) -> Q:
    return Q(
        Q(ended_at=None) | Q(ended_at__gt=at),
        Q(expires_at=None) | Q(expires_at__gt=at),
        started_at__lte=at,
    )


def through_team(
    rows: QuerySet[Binding], distributor: Distributor, *, at: datetime
) -> QuerySet[Binding]:
    """Return the bindings whose upline is in the distributor's team now.

    Exits and expiries count at once; the folded rows follow them some minutes later.
    """
    # A scalar: the planner would join the whole team for EXISTS.
    direct = (
        Binding.objects.filter(
            _now(at), distributor=distributor, member=OuterRef("distributor__member")
        )
        .order_by()
        .values("pk")[:1]
    )
    in_team = rows.exclude(distributor__status=Distributor.Status.EXITED)
    return in_team.alias(direct=Subquery(direct)).filter(direct__isnull=False)


def team_size(distributor: Distributor) -> TeamCounts:
    """Return the sizes of both tiers, without what is not folded yet; one row is read."""
    size = TeamSize.objects.filter(distributor=distributor).first()
    if size is None or distributor.status == Distributor.Status.EXITED:
        return TeamCounts(0, 0, 0)
    return TeamCounts(size.tier1, size.tier1_distributors, size.tier2)


def team_rows(distributor: Distributor, page: Sequence[Any], *, tier: int) -> list[TeamRow]:
    """Return the rows of a page of ``team_page``, in a constant number of queries."""
    figures = _figures(distributor, page) if sees_team_data(distributor) else {}
    return [_row(binding, tier, figures.get(binding.member_id)) for binding in page]


def _row(binding: Binding, tier: int, figures: TeamFigures | None) -> TeamRow:
    member, is_own = binding.member, tier == 1
    own = getattr(member, "distributor", None)
    return TeamRow(
        member=member.public_id if is_own else rules.masked_id(member.public_id),
        nickname=member.nickname if is_own else rules.masked_name(member.nickname),
        avatar=avatar_url(member) if is_own else "",
        level=own.level.name if own and own.level else "",
        is_distributor=own is not None,
        joined_at=binding.started_at,
        via="" if is_own else binding.distributor.member.nickname,
        figures=figures,
    )


def _figures(distributor: Distributor, page: Sequence[Any]) -> dict[int, TeamFigures]:
    members = [binding.member_id for binding in page]
    earned = earned_by(distributor, members)
    figures = {}
    for binding in page:
        totals = getattr(binding.member, "purchase_totals", None)
        figures[binding.member_id] = TeamFigures(
            team=binding.team or 0,
            orders=totals.protected_orders if totals else 0,
            sales=totals.protected_spend if totals else 0,
            commission=earned.get(binding.member_id, 0),
            last_order_at=totals.last_order_at if totals else None,
        )
    return figures


def earned_by(distributor: Distributor, buyers: Sequence[int]) -> dict[int, int]:
    """Return the fen of cash that the distributor earned by the orders of each buyer, by key."""
    own = Commission.objects.visible_to(distributor.member).filter(asset=Asset.CASH)
    rows = own.filter(line__order__buyer__in=buyers).order_by()
    return dict(rows.values_list("line__order__buyer").annotate(Sum("current")))
