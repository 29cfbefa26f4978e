"""Say what a version would give to one person; nothing is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from common import clock
from distribution.models import Distributor
from incentives.back_testing import first_of_each
from incentives.cash import targets_paid
from incentives.metrics.counting import count_orders
from incentives.metrics.values import Counted
from incentives.models import Reward, Version
from incentives.models.incentive import MEMBER_METRICS, Audience
from incentives.periods import Span, span_of
from incentives.rewards import Target, targets_for
from members.models import Member
from orders.models import Order

MAX_ORDERS = 5_000
"""Of one person in one period; more are not read for a trial."""
MAX_PIECES = 200


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a person would get.

    :ivar value: what counts, in fen or pieces; ``orders``: of how many real orders, if any
    :ivar targets: what it gives; ``next_step``: what the next step demands
    :ivar reason: why the person gets nothing, whatever they sell
    """

    span: Span
    value: int
    orders: int
    targets: Sequence[Target] = ()
    next_step: int | None = None
    reason: str = ""


def simulate(
    *,
    version: Version,
    rewards: Sequence[Reward],
    member: Member,
    at: datetime,
    value: int | None = None,
) -> Simulation:
    """Return what a version gives to a person for a value, or for their orders of the period.

    :param value: in fen or pieces; ``None``: what the person's orders of the period come to
    """
    tested = _running(version, at)
    span = span_of(tested, at)
    counts = _typed(tested, member, value, at) if value is not None else _real(tested, member, span)
    total = sum(row.value for row in counts)
    real_orders = len(counts) if value is None else 0
    if reason := why_not(tested, member):
        return Simulation(span, total, real_orders, reason=reason)
    due = targets_for(tested, rewards, total, counts)
    targets = targets_paid((member.pk, target) for target in due)
    reached = [row.threshold for row in rewards if row.threshold and row.threshold > total]
    next_step = min(reached, default=None) if version.reach == Version.Reach.STEPS else None
    return Simulation(span, total, real_orders, targets, next_step)


def why_not(version: Version, member: Member) -> str:
    """Return why an incentive is not for a person; empty if it is."""
    distributor = Distributor.objects.filter(member=member).select_related("level").first()
    if version.audience == Audience.EVERYONE and version.metric in MEMBER_METRICS:
        return ""
    if distributor is None:
        return _("%(name)s is no distributor.") % {"name": member}
    if version.audience == Audience.LEVELS and distributor.level_id not in version.levels:
        return _("The level of %(name)s is not among those of the incentive.") % {"name": member}
    if version.audience == Audience.SEGMENTS and distributor.segment_id not in version.segments:
        return _("The segment of %(name)s is not among those of the incentive.") % {"name": member}
    return ""


def _running(version: Version, at: datetime) -> Version:
    """Return the version as if it ran now; not saved."""
    fields = {field.attname: getattr(version, field.attname) for field in Version._meta.fields}
    running = Version(**fields)
    running.incentive = version.incentive
    if running.starts_at is None or running.starts_at > at:
        running.starts_at = at
    return running


def _typed(version: Version, member: Member, value: int, at: datetime) -> list[Counted]:
    """Return the value as one order, or as one for each piece."""
    pieces = [value] if version.counts_money else [1] * min(value, MAX_PIECES)
    whole = sum(pieces)
    if whole < value:  # the last one stands for the rest
        pieces[-1] += value - whole
    return [
        Counted(
            order=-number, proof=None, member=member.pk, subject=None, value=piece,
            paid=piece if version.counts_money else 0, counted=True, happened_at=at,
            counted_at=at, period_start=clock.business_day(at),
        )
        for number, piece in enumerate(pieces, 1)
        if piece
    ]  # fmt: skip


def _real(version: Version, member: Member, span: Span) -> list[Counted]:
    """Return what the person's paid orders of the period count, as if they were completed."""
    persons = list(Member.objects.of_person(member.pk).values_list("pk", flat=True))
    rows = Order.objects.filter(paid_at__gte=clock.day_start(span.start)).filter(
        Q(buyer__in=persons)
        | Q(attribution__tier1__member__in=persons)
        | Q(attribution__tier2__member__in=persons)
        | Q(buyer__referral__referrer__in=persons)
    )
    if span.end:
        rows = rows.filter(paid_at__lt=clock.day_start(span.end))
    keys = rows.order_by("-pk").values_list("pk", flat=True).distinct()[:MAX_ORDERS]
    counts = [row for row in count_orders(version, list(keys)) if row.member in persons]
    return first_of_each(version, [_completed(row) for row in counts if row.value])


def _completed(row: Counted) -> Counted:
    return Counted(
        order=row.order, proof=row.proof, member=row.member, subject=row.subject, value=row.value,
        paid=row.paid, counted=True, happened_at=row.happened_at,
        counted_at=row.counted_at or row.happened_at, period_start=row.period_start,
    )  # fmt: skip
