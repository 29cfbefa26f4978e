"""Record referrals and bind members to an upline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from common.errors import violated_constraint
from distribution.events import DISTRIBUTION_BOUND, DISTRIBUTION_EXPIRED, DISTRIBUTION_UNBOUND
from distribution.models import Binding, Distributor, Policy, PurchaseTotals, Referral, Source
from distribution.services.unbind import (
    end_binding,
    end_expired_bindings_above,
    end_lapsed_binding,
    lock_members,
)
from events.models import Reference
from events.services import record
from members.models import Member, User
from members.persons import survivor_of

NO_EVIDENCE = Reference("", "")
CIRCLE_CONSTRAINT = "binding_closes_no_circle"
UPLINE_ACTIVE_CONSTRAINT = "binding_upline_active"


@dataclass(frozen=True, slots=True)
class ReferralResult:
    """The result of a referral.

    ``outcome``: bound, or the obstacle: own (self-referral), has_upline, not_new, not_distributor,
    not_active, circle, first_order (it binds with the first order).
    """

    binding: Binding | None
    outcome: str


@transaction.atomic
def refer(
    *,
    member: Member,
    referrer: Member,
    source: Source,
    at: datetime,
    evidence: Reference = NO_EVIDENCE,
    may_poach: bool = True,
) -> ReferralResult:
    """Record the referrer of ``member``, once, and bind the member if the policy allows it.

    The result reports why no binding was created; that is no error, because most visits of a link
    bind nobody. An import reports the past, so the policy does not apply to it.

    :param may_poach: whether an idle upline gives way, if the policy allows that
    """
    member, referrer = survivor_of(member), survivor_of(referrer)
    if member.pk == referrer.pk:
        return ReferralResult(None, "own")
    referral = record_referral(member, referrer, source=source, at=at, evidence=evidence)
    policy = Policy.current()
    if source != Source.IMPORT:
        if policy.binding_trigger == Policy.BindingTrigger.FIRST_ORDER and source != Source.ORDER:
            return ReferralResult(None, "first_order")
        if policy.binding_audience == Policy.BindingAudience.NEW and member.joined_at < at:
            return ReferralResult(None, "not_new")
    return _bind(referral, policy, at=at, poach=may_poach)


def record_referral(
    member: Member, referrer: Member, *, source: Source, at: datetime, evidence: Reference
) -> Referral:
    """Save the referrer of a member unless there is one already."""
    referral = Referral(
        member=member,
        referrer=referrer,
        source=source,
        at=at,
        evidence_kind=evidence.kind,
        evidence_id=evidence.id,
    )
    Referral.objects.bulk_create([referral], ignore_conflicts=True)
    return referral


_FIRST_ORDERS = """
SELECT referral.member_id, min(placed.at) FILTER (WHERE NOT EXISTS (
    SELECT FROM distribution_binding AS binding
    WHERE binding.member_id = referral.member_id AND binding.started_at <= placed.at
))
FROM distribution_referral AS referral
JOIN unnest(%s::bigint[], %s::timestamptz[]) AS placed (member_id, at)
    ON placed.member_id = referral.member_id AND placed.at >= referral.at
WHERE EXISTS (SELECT FROM distribution_policy WHERE binding_trigger = 'first_order')
GROUP BY referral.member_id
"""


@transaction.atomic(savepoint=False)
def bind_pending_referrals(placed: Sequence[tuple[int, datetime]]) -> bool:
    """Bind referred buyers with their first order, if the policy says so.

    The first order is the one placed first, however late it is reported.

    :param placed: buyers' member ids, and when their order was placed
    :returns: whether any may be bound now, here or by another transaction: read uplines again
    """
    referred = _first_orders(placed)
    pending = [member for member, first in referred.items() if first]
    if pending:
        lock_members(*pending)
        first_orders = _first_orders(placed)  # a previous holder of the locks may have bound some
        policy = Policy.current()
        referrals = Referral.objects.filter(member__in=pending)
        for referral in referrals.select_related("member", "referrer").order_by("member_id"):
            at = first_orders.get(referral.member_id)
            too_old = (
                policy.binding_audience == Policy.BindingAudience.NEW
                and referral.member.joined_at < referral.at
            )
            if at and not too_old:
                _bind(referral, policy, at=at)
    return bool(referred)


def _first_orders(placed: Sequence[tuple[int, datetime]]) -> dict[int, datetime | None]:
    """Return when each referred buyer first ordered with no binding before; ``None``: bound."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ORDERS, [[member for member, _ in placed], [at for _, at in placed]])
        return dict(cursor.fetchall())


def bind_invited(
    *, member: Member, distributor: Distributor, at: datetime, evidence: Reference
) -> ReferralResult:
    """Bind an unbound member to the distributor of an invite code, whatever the policy says.

    An invite code never poaches.
    """
    referral = record_referral(
        member, distributor.member, source=Source.INVITE_CODE, at=at, evidence=evidence
    )
    return _bind(referral, Policy.current(), at=at, poach=False)


def create_binding(
    *,
    member: Member,
    distributor: Distributor,
    source: str,
    evidence: Reference,
    policy: Policy,
    at: datetime,
    until: datetime | None = None,
    by: User | None = None,
) -> Binding:
    """Insert a binding, which the database checks; the member's row is locked.

    :param until: the start of a later binding that was reported first: this one ends there, or at
        its earlier expiry
    :raises IntegrityError: the binding violates a constraint; catch it outside a savepoint
    """
    binding = Binding(
        member=member,
        distributor=distributor,
        source=source,
        evidence_kind=evidence.kind,
        evidence_id=evidence.id,
        started_at=at,
        expires_at=at + timedelta(days=policy.binding_days) if policy.binding_days else None,
    )
    if until and binding.expires_at and binding.expires_at <= until:
        binding.ended_at, binding.end_reason = binding.expires_at, Binding.EndReason.EXPIRED
    elif until:
        binding.ended_at, binding.end_reason = until, Binding.EndReason.SUPERSEDED
    insert_binding(binding)
    record(DISTRIBUTION_BOUND, member, at=at, by=by, binding=binding.public_id, source=source)
    if binding.ended_at and binding.end_reason == Binding.EndReason.EXPIRED:
        record(DISTRIBUTION_EXPIRED, binding, at=binding.ended_at)
    elif binding.ended_at:
        record(
            DISTRIBUTION_UNBOUND, member, at=binding.ended_at, binding=binding.public_id,
            end_reason=binding.end_reason, reason=None,
        )  # fmt: skip
    return binding


def insert_binding(binding: Binding) -> None:
    """Insert a binding; the member's row is locked.

    :raises IntegrityError: the binding violates a constraint; catch it outside a savepoint
    """
    try:
        with transaction.atomic():
            binding.save(force_insert=True)
    except IntegrityError as error:
        # To the database an expired binding without a recorded end closes a circle too, because a
        # late order could renew it. Record the ends and try again.
        if violated_constraint(error) != CIRCLE_CONSTRAINT or not end_expired_bindings_above(
            binding.distributor, at=binding.started_at
        ):
            raise
        binding.save(force_insert=True)


def _bind(
    referral: Referral, policy: Policy, *, at: datetime, poach: bool = True
) -> ReferralResult:
    member = referral.member
    distributor = Distributor.objects.filter(member=survivor_of(referral.referrer)).first()
    if distributor is None:
        return ReferralResult(None, "not_distributor")
    lock_members(member.pk)
    end_lapsed_binding(member, at=at)
    try:
        with transaction.atomic():
            existing = _current_or_next_binding(member, at=at)
            until = existing.started_at if existing and existing.started_at > at else None
            if (
                existing
                and not until
                and not (poach and _try_poach(existing, distributor, policy, at=at))
            ):
                return ReferralResult(None, "has_upline")
            binding = create_binding(
                member=member,
                distributor=distributor,
                source=referral.source,
                evidence=Reference(referral.evidence_kind, referral.evidence_id),
                policy=policy,
                at=at,
                until=until,
            )
    except IntegrityError as error:
        return ReferralResult(None, _outcome_of(error))
    return ReferralResult(binding, "bound")


def _current_or_next_binding(member: Member, *, at: datetime) -> Binding | None:
    """Return the binding in force at a moment or, if there is none, the next one after it."""
    not_ended = Binding.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at), member=member)
    return not_ended.order_by("started_at", "pk").first()


def _try_poach(running: Binding, distributor: Distributor, policy: Policy, *, at: datetime) -> bool:
    """End the binding to an idle upline if the policy allows it; return whether it ended."""
    if policy.poach_after_days is None or running.ended_at:
        return False
    if running.distributor_id == distributor.pk:
        return False
    totals = PurchaseTotals.objects.filter(member=running.member_id).first()
    last_order_at = totals.last_order_at if totals else None
    idle_since = max(running.started_at, last_order_at or running.started_at)
    if idle_since + timedelta(days=policy.poach_after_days) > at:
        return False
    end_binding(running, end_reason=Binding.EndReason.POACHED, at=at)
    record(
        DISTRIBUTION_UNBOUND, running.member, at=at, binding=running.public_id,
        end_reason=Binding.EndReason.POACHED, reason=None,
    )  # fmt: skip
    return True


def _outcome_of(error: IntegrityError) -> str:
    outcomes = {
        UPLINE_ACTIVE_CONSTRAINT: "not_active",
        CIRCLE_CONSTRAINT: "circle",
        "bindings_never_overlap": "has_upline",
        "binding_poached_when_idle": "has_upline",  # the policy or an order has changed
    }
    name = violated_constraint(error)
    if name not in outcomes:
        raise error
    return outcomes[name]
