"""Read a distributor's team with what each member bought and what the distributor earned by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Sum

from commissions.models import Commission
from distribution import rules
from distribution.models import Binding, Distributor
from distribution.queries import TeamCounts, TeamDataHidden, sees_team_data, sorted_team
from ledger.chart import Asset
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

    ``via``: in tier 2 the nickname of the direct distributor. ``figures``: ``None`` unless the
    distributor's level sees team data.
    """

    member: str
    nickname: str
    level: str
    is_distributor: bool
    joined_at: datetime
    via: str
    figures: TeamFigures | None


def team_page(distributor: Distributor, *, tier: int, sort: str, at: datetime) -> QuerySet[Any]:
    """Return the bindings of a tier with a unique ``position`` to page by, from high to low.

    Tier 1 is sorted by folded figures, so that its size does not matter; a new binding is there
    after the next fold.

    :param sort: one of ``distribution.queries.TEAM_SORTS``
    :raises TeamDataHidden: the level sees no team data, so it cannot sort by it
    """
    if tier != 1:
        below: QuerySet[Any] = sorted_team(distributor, tier=tier, sort=sort, at=at).annotate(
            team=F("team_row__team")
        )
        return below
    # Distributors apart: to order more joins takes the planner longer than to read them.
    own = Prefetch("member__distributor", Distributor.objects.select_related("level"))
    rows = _direct(distributor, at=at).select_related("member__purchase_totals")
    rows = rows.prefetch_related(own).annotate(team=F("team_row__team"))
    if sort == "joined":
        return rows.filter(distributor=distributor).annotate(position=F("pk"))
    if not sees_team_data(distributor):
        raise TeamDataHidden
    return rows.filter(team_row__distributor=distributor).annotate(
        position=F(f"team_row__by_{sort}")
    )


def _direct(distributor: Distributor, *, at: datetime) -> QuerySet[Binding]:
    """Return the bindings in force, to any distributor; none if this one has exited.

    ``in_force`` asks for the exit of each row's upline. Here they have one upline, and the planner
    would guess that nearly no row is left.
    """
    if distributor.status == Distributor.Status.EXITED:
        return Binding.objects.none()
    return Binding.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=at),
        Q(expires_at=None) | Q(expires_at__gt=at),
        started_at__lte=at,
    )


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
        level=own.level.name if own and own.level else "",
        is_distributor=own is not None,
        joined_at=binding.started_at,
        via="" if is_own else binding.distributor.member.nickname,
        figures=figures,
    )


def _figures(distributor: Distributor, page: Sequence[Any]) -> dict[int, TeamFigures]:
    members = [binding.member_id for binding in page]
    earned = _earned_by(distributor, members)
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


def _earned_by(distributor: Distributor, buyers: Sequence[int]) -> dict[int, int]:
    own = Commission.objects.visible_to(distributor.member).filter(asset=Asset.CASH)
    rows = own.filter(line__order__buyer__in=buyers).order_by()
    return dict(rows.values_list("line__order__buyer").annotate(Sum("current")))
