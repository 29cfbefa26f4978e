"""Members are brought, and bound to an upline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from common import refused
from distribution.models import Binding, Distributor, Policy, Referral, Source, Standing
from events.models import Reference
from events.services import happened
from members.models import Member

NOBODY = Reference("", "")


@dataclass(frozen=True, slots=True)
class Referred:
    """What came of being brought.

    ``why``: bound, or why not: own (nobody brings themselves), has_upline, not_new,
    not_distributor, not_active, circle, first_order (it will bind with the first order).
    """

    binding: Binding | None
    why: str


@transaction.atomic
def refer(
    *,
    member: Member,
    referrer: Member,
    source: Source,
    at: datetime,
    evidence: Reference = NOBODY,
) -> Referred:
    """Record who brought ``member``, once, and bind them to the bringer as the policy allows.

    It is told, not refused, when nothing is bound: most visits of a link bind nobody.
    """
    if member.pk == referrer.pk:
        return Referred(None, "own")
    brought = Referral(
        member=member,
        referrer=referrer,
        source=source,
        at=at,
        evidence_kind=evidence.kind,
        evidence_id=evidence.id,
    )
    Referral.objects.bulk_create([brought], ignore_conflicts=True)
    policy = Policy.current()
    if policy.when == Policy.When.FIRST_ORDER and source != Source.ORDER:
        return Referred(None, "first_order")
    if policy.who == Policy.Who.NEW and member.joined_at < at:
        return Referred(None, "not_new")
    return _bind(brought, policy, at=at)


@transaction.atomic
def bind_waiting(buyers: Iterable[tuple[int, datetime]]) -> None:
    """Bind those who were brought while the policy waits for the first order, as they order.

    :param buyers: members' ids, and when their order was placed
    """
    policy = Policy.current()
    if policy.when != Policy.When.FIRST_ORDER:
        return
    placed: dict[int, datetime] = {}
    for buyer, at in sorted(buyers, key=lambda one: one[1]):
        placed.setdefault(buyer, at)
    brought = Referral.objects.filter(member__in=placed, member__bindings=None)
    for referral in brought.select_related("member", "referrer").order_by("member"):
        at = placed[referral.member_id]
        if referral.at > at or (
            policy.who == Policy.Who.NEW and referral.member.joined_at < referral.at
        ):
            continue
        _bind(referral, policy, at=at)


def _bind(brought: Referral, policy: Policy, *, at: datetime) -> Referred:
    member, referrer = brought.member, brought.referrer
    distributor = Distributor.objects.filter(member=referrer).first()
    if distributor is None:
        return Referred(None, "not_distributor")
    # The row stands for "whose upline is whose": two bindings of one member wait for each other.
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    end_expired(member, at=at)
    try:
        with transaction.atomic():
            if not _make_room(member, policy, at=at):
                return Referred(None, "has_upline")
            binding = Binding.objects.create(
                member=member,
                distributor=distributor,
                source=brought.source,
                evidence_kind=brought.evidence_kind,
                evidence_id=brought.evidence_id,
                started_at=at,
                expires_at=at + timedelta(days=policy.days) if policy.days else None,
            )
    except IntegrityError as error:
        return Referred(None, _why(error))
    happened("distribution.bound", member, at=at, binding=binding.public_id, source=brought.source)
    return Referred(binding, "bound")


def end_expired(member: Member, *, at: datetime) -> None:
    """Write down the end of what has run out, so that a new binding has room."""
    Binding.objects.filter(member=member, ended_at=None, expires_at__lte=at).update(
        ended_at=F("expires_at"), end_reason=Binding.End.EXPIRED
    )


def _make_room(member: Member, policy: Policy, *, at: datetime) -> bool:
    """Whether nobody is the upline of ``member`` from ``at`` on; an idle upline makes room."""
    last = Binding.objects.filter(member=member).order_by("-started_at").first()
    if last is None or (last.ended_at and last.ended_at <= at):
        return True
    if policy.poach_after_days is None or last.ended_at or last.started_at > at:
        return False
    standing = Standing.objects.filter(member=member).first()
    ordered = standing.last_order_at if standing else None
    idle_since = max(last.started_at, ordered or last.started_at)
    if idle_since + timedelta(days=policy.poach_after_days) > at:
        return False
    ended = Binding.objects.filter(pk=last.pk, ended_at=None)
    ended.update(ended_at=at, end_reason=Binding.End.POACHED)
    happened("distribution.unbound", member, at=at, binding=last.public_id, why="poached")
    return True


def _why(error: IntegrityError) -> str:
    told = {
        "binding_upline_active": "not_active",
        "binding_closes_no_circle": "circle",
        "bindings_never_overlap": "has_upline",
    }
    name = refused.by(error)
    if name not in told:
        raise error
    return told[name]
