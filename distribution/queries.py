"""Uplines as of any moment, and the teams of distributors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from distribution import rules
from distribution.models import (
    ApplicationForm,
    Binding,
    Distributor,
    Policy,
    PurchaseTotals,
    Referral,
)
from distribution.models.relations import LEAVE_WINDOW, BindingQuerySet
from events.models import Reference
from members.models import Agreement, Member

MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class DistributorSnapshot:
    """A distributor as of a moment."""

    distributor_id: int
    status: str
    level_id: int | None
    segment_id: int | None


@dataclass(frozen=True, slots=True)
class Uplines:
    """A member's upline and that one's upline: never more than two tiers."""

    own: DistributorSnapshot | None
    """``None`` unless the member is a distributor."""
    tier1: DistributorSnapshot | None
    tier2: DistributorSnapshot | None
    evidence: Reference | None = None
    """What bound the member to tier 1, if anything is recorded."""

    @classmethod
    def read(cls, row: Sequence[Any]) -> Uplines:
        """Build from a row of ``distribution_upline_chains``."""
        own, tier1, tier2 = (
            DistributorSnapshot(*row[start : start + 4]) if row[start] is not None else None
            for start in (0, 4, 8)
        )
        kind, key = row[12:14]
        return cls(own, tier1, tier2, Reference(kind, key) if tier1 and kind else None)


# The function is in distribution/guards/upline_chains.sql.
_UPLINE_CHAINS = "SELECT * FROM distribution_upline_chains(%s::bigint[], %s::timestamptz[])"


def upline_chains(asked: Sequence[tuple[int, datetime]]) -> list[Uplines]:
    """Return the uplines of each member as of each moment, in the order given; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_UPLINE_CHAINS, [[member for member, _ in asked], [at for _, at in asked]])
        return [Uplines.read(row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A member of a distributor's team, with the data that the distributor may see.

    ``member`` and ``nickname`` are masked in tier 2. ``orders`` (protected orders) and
    ``last_order_at`` are ``None`` unless the distributor's level sees team data.
    """

    page_cursor: int  # pass the last row's cursor as ``before`` to get the next page
    tier: int
    member: str
    nickname: str
    bound_at: datetime
    upline_nickname: str  # tier 2: the direct distributor's nickname
    is_distributor: bool
    orders: int | None
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True)
class TeamCounts:
    """The sizes of a distributor's tiers."""

    tier1: int
    tier1_distributors: int
    tier2: int


def sees_team_data(distributor: Distributor) -> bool:
    """Return whether the level shows tier 2 and the purchases of the team."""
    allowed = distributor.status != Distributor.Status.EXITED
    return bool(allowed and distributor.level and distributor.level.sees_team_data)


def team_visible_to(distributor: Distributor, *, tier: int, at: datetime) -> QuerySet[Binding]:
    """Return the bindings of a tier that the distributor may see: tier 2 only with team data.

    :raises ValueError: the tier is not 1 or 2
    """
    if tier not in (1, 2):
        raise ValueError(f"there is no tier {tier}")
    if tier == 2 and not sees_team_data(distributor):  # noqa: PLR2004 - the tiers are the law's
        return Binding.objects.none()
    return _team(distributor, tier=tier, at=at)


def team(
    *,
    distributor: Distributor,
    tier: int,
    at: datetime,
    before: int | None = None,
    size: int = 50,
) -> list[TeamMember]:
    """Return a page of a tier of the team, the latest binding first, in at most two queries.

    :param tier: 1: members bound to the distributor; 2: members bound to tier-1 distributors
    :param before: the ``page_cursor`` of the last row of the previous page
    :raises ValueError: the tier is not 1 or 2
    """
    bindings = team_visible_to(distributor, tier=tier, at=at).order_by("-pk")
    if before is not None:
        bindings = bindings.filter(pk__lt=before)
    rows = bindings.select_related(
        "member__purchase_totals", "member__distributor", "distributor__member"
    )[: max(1, min(size, MAX_PAGE_SIZE))]
    with_data = sees_team_data(distributor)
    return [_team_member(row, tier=tier, with_data=with_data) for row in rows]


def team_counts(*, distributor: Distributor, at: datetime) -> TeamCounts:
    """Count both tiers. Counts reveal nobody, so every distributor may see them."""
    direct = _team(distributor, tier=1, at=at).aggregate(
        members=Count("pk"), distributors=Count("pk", filter=Q(member__distributor__isnull=False))
    )
    return TeamCounts(
        tier1=direct["members"],
        tier1_distributors=direct["distributors"],
        tier2=_team(distributor, tier=2, at=at).count(),
    )


class NotDistributor(TwotierError):
    code = "not_distributor"
    message = _("You are not a distributor. Apply first.")
    status = 404


class TeamDataHidden(TwotierError):
    code = "team_data_hidden"
    message = _("Your level does not show the orders of the team. Sort by the time of joining.")
    status = 403


def distributor_of(member: Member) -> Distributor:
    """Return a member's distributor.

    :raises NotDistributor: the member is none
    """
    rows = Distributor.objects.filter(member=member).select_related("level", "segment")
    if distributor := rows.first():
        return distributor
    raise NotDistributor


def binding_of(member: Member, *, at: datetime) -> Binding | None:
    """Return a member's binding in force at a moment."""
    in_force: BindingQuerySet = Binding.objects.in_force(at)
    return in_force.filter(member=member).select_related("distributor__member").first()


TEAM_SORTS = ("joined", "orders", "sales", "team")


def _team(distributor: Distributor, *, tier: int, at: datetime) -> BindingQuerySet:
    in_force: BindingQuerySet = Binding.objects.in_force(at)
    direct = in_force.filter(distributor=distributor)
    if tier == 1:
        return direct
    below = Distributor.objects.filter(member__in=direct.values("member"))
    return in_force.filter(distributor__in=below)


def _team_member(row: Binding, *, tier: int, with_data: bool) -> TeamMember:
    member, own = row.member, tier == 1
    purchase_totals = getattr(member, "purchase_totals", None)
    return TeamMember(
        page_cursor=row.pk,
        tier=tier,
        member=member.public_id if own else rules.masked_id(member.public_id),
        nickname=member.nickname if own else rules.masked_name(member.nickname),
        bound_at=row.started_at,
        upline_nickname="" if own else row.distributor.member.nickname,
        is_distributor=hasattr(member, "distributor"),
        orders=(purchase_totals.protected_orders if purchase_totals else 0) if with_data else None,
        last_order_at=purchase_totals.last_order_at if purchase_totals and with_data else None,
    )


# Only the circle check walks further than two steps. It reveals nothing but circles.
_UPLINE_WALK = """
    WITH RECURSIVE upwards (member_id) AS (
        SELECT member_id FROM distribution_distributor WHERE id = %(distributor)s
        UNION
        SELECT distributor.member_id
        FROM upwards
        JOIN distribution_binding AS binding ON binding.member_id = upwards.member_id
            AND coalesce(binding.ended_at, (
                SELECT greatest(binding.started_at, least(binding.expires_at, exit.started_at))
                FROM distribution_distributorperiod AS exit
                WHERE exit.distributor_id = binding.distributor_id AND exit.status = 'exited'
            ), 'infinity') > %(at)s
            {condition}
        JOIN distribution_distributor AS distributor ON distributor.id = binding.distributor_id
    )
"""
_EXPIRED_BINDINGS_ABOVE = f"""
    {_UPLINE_WALK.format(condition="")}
    SELECT id FROM distribution_binding
    WHERE member_id IN (SELECT member_id FROM upwards)
        AND ended_at IS NULL AND expires_at <= %(at)s
"""
_WOULD_CIRCLE = f"""
    {_UPLINE_WALK.format(condition="AND (expires_at IS NULL OR expires_at > %(at)s)")}
    SELECT member_id FROM upwards WHERE member_id = ANY (%(members)s)
"""


def expired_bindings_above(distributor: Distributor, *, at: datetime) -> list[int]:
    """Return the expired bindings above a distributor that have no recorded end yet."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRED_BINDINGS_ABOVE, {"distributor": distributor.pk, "at": at})
        return [key for (key,) in cursor.fetchall()]


def members_above(distributor: Distributor, members: Sequence[int], *, at: datetime) -> set[int]:
    """Return which of ``members`` are the distributor, or above: they cannot get them as upline."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WOULD_CIRCLE, {"distributor": distributor.pk, "at": at, "members": list(members)}
        )
        return {key for (key,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class ReassignmentPreview:
    """The outcome that reassigning a member would have.

    ``outcome``: moves, binds (no upline so far), or the obstacle: same_upline, too_late, circle,
    not_active.
    """

    member: Member
    upline: Distributor | None
    outcome: str

    @property
    def is_allowed(self) -> bool:
        return self.outcome in ("moves", "binds")


def preview_reassignment(
    *, members: Sequence[Member], to: Distributor, at: datetime
) -> list[ReassignmentPreview]:
    """Preview ``services.reassign_many`` for each of ``members``, in three queries."""
    keys = [member.pk for member in members]
    in_force: BindingQuerySet = Binding.objects.in_force(at)
    rows = in_force.filter(member__in=keys).select_related("distributor__member")
    bindings = {row.member_id: row for row in rows}
    is_active = Distributor.objects.filter(pk=to.pk, status=Distributor.Status.ACTIVE).exists()
    circles = members_above(to, keys, at=at)

    def outcome(member: Member, current: Binding | None) -> str:
        if current and current.distributor_id == to.pk:
            return "same_upline"
        if current and current.started_at + LEAVE_WINDOW < at:
            return "too_late"
        if not is_active:
            return "not_active"
        if member.pk in circles:
            return "circle"
        return "moves" if current else "binds"

    previews = []
    for member in members:
        current = bindings.get(member.pk)
        upline = current.distributor if current else None
        previews.append(ReassignmentPreview(member, upline, outcome(member, current)))
    return previews


@dataclass(frozen=True, slots=True)
class Threshold:
    """What skips the review, in fen or in buyers, and how much of it a member has."""

    kind: str
    needed: int
    reached: int


def fast_track(member: Member) -> list[Threshold]:
    """Return the thresholds of the policy, and how far the member is."""
    policy, thresholds = Policy.current(), []
    if policy.fast_track_spend is not None:
        totals = PurchaseTotals.objects.filter(member=member).first()
        spend = totals.protected_spend if totals else 0
        thresholds.append(Threshold("spend", policy.fast_track_spend, spend))
    if policy.fast_track_buyers is not None:
        # Referred members count only with a protected order: no reward for headcount (law 2).
        buyers = Referral.objects.filter(
            referrer=member, member__purchase_totals__protected_orders__gt=0
        )
        thresholds.append(Threshold("buyers", policy.fast_track_buyers, buyers.count()))
    return thresholds


def application_form(member: Member) -> dict[str, Any]:
    """Return what an applicant is asked, the current agreement, and the way to the fast track."""
    form = ApplicationForm.current()
    agreement = Agreement.objects.filter(kind=Agreement.Kind.DISTRIBUTOR).current().first()
    return {
        "version": form.version if form else 0,
        "questions": form.questions.all() if form else [],
        "agreement": agreement,
        "fast_track": fast_track(member),
    }
