"""Find the incentives that a member sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from distribution.models import Distributor
from incentives.models import Award, Progress, Proof, Version
from incentives.models.incentive import MEMBER_METRICS, Audience, VersionQuerySet
from incentives.overview.friends import counted_condition, friend_condition, own_referral
from incentives.periods import counting_version
from members.models import Member


def running_for(member: Member, *, at: datetime) -> VersionQuerySet:
    """Return the versions that run now, for the member as the one who earns or as a friend."""
    running = Version.objects.running(at)
    return running.filter(audience_condition(member) | _friend_condition(member, at=at))


def _friend_condition(member: Member, *, at: datetime) -> Q:
    """Return the condition on versions in which a member is the friend of who may earn."""
    brought = own_referral(member)
    if brought is None:
        return counted_condition(member)
    referrer = Member.objects.get(pk=brought.referrer)
    may_buy = friend_condition(member, brought, at=at) & audience_condition(referrer)
    return may_buy | counted_condition(member)


def audience_condition(member: Member) -> Q:
    """Return the condition on versions whose audience includes a member."""
    distributor = _distributor(member)
    if distributor is None:
        return Q(audience=Audience.EVERYONE, metric__in=MEMBER_METRICS)
    included = Q(audience=Audience.EVERYONE)
    included |= Q(audience=Audience.DISTRIBUTORS)
    if distributor.level_id:
        included |= Q(audience=Audience.LEVELS, levels__contains=[distributor.level_id])
    if distributor.segment_id:
        included |= Q(audience=Audience.SEGMENTS, segments__contains=[distributor.segment_id])
    return included


def known_to(member: Member, *, at: datetime) -> VersionQuerySet:
    """Return the latest version of each incentive that the member may read about.

    Of those that have ended, the ones in which the member has progress, an award or a proof.
    """
    own = {"incentive": OuterRef("incentive"), "member__in": Member.objects.of_person(member.pk)}
    took_part = (
        Exists(Progress.objects.filter(**own))
        | Exists(Award.objects.filter(**own))
        | Exists(Proof.objects.filter(**own))
    )
    published = Version.objects.published().filter(starts_at__lte=at)
    newest = published.order_by("incentive_id", "-starts_at", "-number").distinct("incentive_id")
    rows = Version.objects.filter(pk__in=newest.values("pk"))
    running = running_for(member, at=at).values("pk")
    return rows.filter(Q(pk__in=running) | Q(took_part))


def counting_versions(rows: Iterable[Version], *, at: datetime) -> list[Version]:
    """Return the versions by which orders that are paid now count, with their rewards.

    Within a period that is the version of its start; of an incentive that has ended, its last one.

    :param rows: the newest version of each incentive
    """
    newest = {row.incentive_id: row for row in rows}
    versions: dict[int, list[Version]] = defaultdict(list)
    for version in with_rewards(Version.objects.published().filter(incentive__in=newest)):
        versions[version.incentive_id].append(version)
    return [
        _same(versions[incentive], counting_version(versions[incentive], at) or row)
        for incentive, row in newest.items()
    ]


def with_rewards(rows: VersionQuerySet) -> VersionQuerySet:
    return rows.select_related("incentive").prefetch_related(
        "rewards__coupon", "rewards__gift__product", "rewards__level"
    )


def _same(versions: Iterable[Version], wanted: Version) -> Version:
    return next(row for row in versions if row.pk == wanted.pk)


def _distributor(member: Member) -> Distributor | None:
    """Return the member as a distributor; a frozen one reads on, awards are on hold."""
    rows = Distributor.objects.filter(member=member)
    return rows.exclude(status=Distributor.Status.EXITED).first()
