"""Move what a merged member has in the distribution to the survivor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from common.errors import violated_constraint
from common.locks import lock_rows
from distribution import queries
from distribution.models import Binding, Distributor, DistributorPeriod, PurchaseTotals
from distribution.models.relations import BindingQuerySet
from distribution.services.binding import CIRCLE_CONSTRAINT
from distribution.services.distributor_periods import exit_distributor
from distribution.services.purchases import Purchase, record_purchases
from distribution.services.reassignment import BindingChanged
from distribution.services.unbind import end_expired_bindings_above, lock_members
from members.models import Member, User

Status = Distributor.Status
BATCH_SIZE = 2_000
MERGE_EVIDENCE = "members.membermerge"
"""The evidence kind of a binding that continues one to a merged distributor."""


@dataclass(frozen=True, slots=True)
class TeamMerge:
    """The members bound to a distributor who is to be merged."""

    moving: Sequence[Member]
    """They are bound to the survivor."""
    circles: Sequence[Member]
    """The survivor, or above the survivor: they would be their own upline, so the binding ends."""
    ending: Sequence[Member]
    """The survivor is no active distributor: the binding ends."""


@dataclass(frozen=True, slots=True)
class MergedBindings:
    """How many bindings go on under the survivor, and how many ended without a new one."""

    moved: int
    ended: int


def preview_team_merge(*, merged: Member, survivor: Member, at: datetime) -> TeamMerge:
    """Return what ``merge_distribution`` does with the bindings to the merged member."""
    bindings = Binding.objects.in_force(at).filter(distributor__member=merged)
    members = [row.member for row in bindings.select_related("member").order_by("member_id")]
    upline = Distributor.objects.filter(member=survivor, status=Status.ACTIVE).first()
    if upline is None:
        return TeamMerge((), (), members)
    above = queries.members_above(upline, [member.pk for member in members], at=at)
    return TeamMerge(
        [member for member in members if member.pk not in above],
        [member for member in members if member.pk in above],
        (),
    )


def lock_for_merge(*members: Member) -> None:
    """Lock the members and those bound to them, then their distributors and running periods."""
    team = Binding.objects.filter(distributor__member__in=members, ended_at=None)
    keys = {*team.values_list("member", flat=True), *(member.pk for member in members)}
    lock_members(*keys)
    lock_rows(Distributor.objects.filter(member__in=members))
    lock_rows(DistributorPeriod.objects.filter(distributor__member__in=members, ended_at=None))


@transaction.atomic
def merge_distribution(
    *, merged: Member, survivor: Member, evidence: str, reason: str, by: User, at: datetime
) -> MergedBindings:
    """End the bindings of a merged member; the team goes on under the survivor.

    The survivor keeps their own upline, the merged distributor exits, and purchases add up. The
    caller holds ``lock_for_merge`` and has marked the member as merged.

    :param evidence: the public id of the merge
    :raises BindingChanged: a binding that another transaction has just made closes a circle
    """
    team = preview_team_merge(merged=merged, survivor=survivor, at=at)
    led = _end_bindings(Binding.objects.filter(distributor__member=merged), at=at)
    own = _end_bindings(Binding.objects.filter(member=merged), at=at)
    moving = {member.pk for member in team.moving}
    moved = [row for row in led if row.member_id in moving]
    if moved:
        _rebind(moved, survivor, evidence, at=at)
    _exit(merged, by=by, at=at, reason=reason)
    _add_purchases(merged, survivor)
    return MergedBindings(len(moved), len(led) + len(own) - len(moved))


def _end_bindings(bindings: BindingQuerySet, *, at: datetime) -> list[Binding]:
    """End running bindings, expired ones at their expiry.

    :returns: those that ran until now, with their end
    """
    running = bindings.running()
    rows = running.order_by("member_id", "pk").select_for_update(no_key=True)
    keys = list(rows.values_list("pk", flat=True))
    locked = Binding.objects.filter(pk__in=keys, ended_at=None)
    locked.filter(expires_at__lte=at).update(
        ended_at=F("expires_at"), end_reason=Binding.EndReason.EXPIRED
    )
    ending = list(locked.values_list("pk", flat=True))
    locked.update(ended_at=Greatest(F("started_at"), at), end_reason=Binding.EndReason.MERGED)
    ended = Binding.objects.filter(pk__in=ending).select_related("member")
    return list(ended.order_by("member_id"))


def _rebind(ended: Collection[Binding], survivor: Member, evidence: str, *, at: datetime) -> None:
    """Start a binding to the survivor where each one ended; its expiry stays."""
    upline = Distributor.objects.get(member=survivor)
    end_expired_bindings_above(upline, at=at)
    try:
        with transaction.atomic():
            Binding.objects.bulk_create(
                (
                    Binding(
                        member=row.member,
                        distributor=upline,
                        source=row.source,
                        evidence_kind=MERGE_EVIDENCE,
                        evidence_id=evidence,
                        started_at=row.ended_at or at,
                        expires_at=row.expires_at,
                    )
                    for row in ended
                ),
                batch_size=BATCH_SIZE,
            )
    except IntegrityError as error:
        if violated_constraint(error) != CIRCLE_CONSTRAINT:
            raise
        raise BindingChanged from error


def _exit(merged: Member, *, by: User, at: datetime, reason: str) -> None:
    distributor = Distributor.objects.filter(member=merged).exclude(status=Status.EXITED).first()
    if distributor:
        exit_distributor(distributor=distributor, by=by, at=at, reason=reason)


def _add_purchases(merged: Member, survivor: Member) -> None:
    lock_rows(PurchaseTotals.objects.filter(member__in=[merged, survivor]))
    totals = PurchaseTotals.objects.filter(member=merged).first()
    if totals is None:
        return
    PurchaseTotals.objects.filter(member=merged).update(protected_spend=0, protected_orders=0)
    record_purchases([
        Purchase(
            survivor.pk, totals.protected_spend, totals.protected_orders, totals.last_order_at
        )
    ])  # fmt: skip
