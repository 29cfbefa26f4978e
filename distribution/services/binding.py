"""Members are brought, and bound to an upline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from common.db_errors import violated_constraint
from distribution.events import DISTRIBUTION_BOUND, DISTRIBUTION_EXPIRED, DISTRIBUTION_UNBOUND
from distribution.models import Binding, Distributor, Policy, PurchaseTotals, Referral, Source
from distribution.services.unbind import (
    end_binding,
    end_expired_bindings,
    end_expired_bindings_above,
    lock_members,
)
from events.models import Reference
from events.services import record
from members.models import Member, User

NO_EVIDENCE = Reference("", "")
CIRCLE_CONSTRAINT = "binding_closes_no_circle"
UPLINE_ACTIVE_CONSTRAINT = "binding_upline_active"


@dataclass(frozen=True, slots=True)
class ReferralResult:
    """What came of being brought.

    ``outcome``: bound, or why not: own (nobody brings themselves), has_upline, not_new,
    not_distributor, not_active, circle, first_order (it will bind with the first order).
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
) -> ReferralResult:
    """Record who brought ``member``, once, and bind them to the bringer as the policy allows.

    It is told, not refused, when nothing is bound: most visits of a link bind nobody. Of an import
    the policy is not asked: it tells what has been.
    """
    if member.pk == referrer.pk:
        return ReferralResult(None, "own")
    brought = record_referral(member, referrer, source=source, at=at, evidence=evidence)
    policy = Policy.current()
    if source != Source.IMPORT:
        if policy.binding_trigger == Policy.BindingTrigger.FIRST_ORDER and source != Source.ORDER:
            return ReferralResult(None, "first_order")
        if policy.binding_audience == Policy.BindingAudience.NEW and member.joined_at < at:
            return ReferralResult(None, "not_new")
    return _bind(brought, policy, at=at)


def record_referral(
    member: Member, referrer: Member, *, source: Source, at: datetime, evidence: Reference
) -> Referral:
    """Write down who brought whom, unless somebody did before."""
    brought = Referral(
        member=member,
        referrer=referrer,
        source=source,
        at=at,
        evidence_kind=evidence.kind,
        evidence_id=evidence.id,
    )
    Referral.objects.bulk_create([brought], ignore_conflicts=True)
    return brought


_PENDING_REFERRALS = """
SELECT referral.member_id, min(placed.at)
FROM distribution_referral AS referral
JOIN unnest(%s::bigint[], %s::timestamptz[]) AS placed (member_id, at)
    ON placed.member_id = referral.member_id AND placed.at >= referral.at
WHERE EXISTS (SELECT FROM distribution_policy WHERE "binding_trigger" = 'first_order')
    AND NOT EXISTS (
        SELECT FROM distribution_binding AS binding
        WHERE binding.member_id = referral.member_id AND binding.started_at <= placed.at
    )
GROUP BY referral.member_id
"""


@transaction.atomic(savepoint=False)
def bind_pending_referrals(buyers: Iterable[tuple[int, datetime]]) -> None:
    """Bind those who were brought while the policy waits for the first order, as they order.

    The first order is the one that was placed first, however late it is told.

    :param buyers: members' ids, and when their order was placed
    """
    placed = list(buyers)
    if not (waiting := _pending_referrals(placed)):
        return
    lock_members(*waiting)
    first = _pending_referrals(placed)  # who held the locks before may have bound them
    policy = Policy.current()
    brought = Referral.objects.filter(member__in=first)
    for referral in brought.select_related("member", "referrer").order_by("member"):
        if (
            policy.binding_audience == Policy.BindingAudience.NEW
            and referral.member.joined_at < referral.at
        ):
            continue
        _bind(referral, policy, at=first[referral.member_id])


def _pending_referrals(placed: Sequence[tuple[int, datetime]]) -> dict[int, datetime]:
    """Whom none of their bindings had begun when they ordered first, and when that was."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PENDING_REFERRALS, [[member for member, _ in placed], [at for _, at in placed]]
        )
        return dict(cursor.fetchall())


def bind_invited(
    *, member: Member, distributor: Distributor, at: datetime, evidence: Reference
) -> ReferralResult:
    """Bind an unbound member to the distributor whose invite code they gave, whatever the policy.

    Nobody is poached by an invite code.
    """
    brought = record_referral(
        member, distributor.member, source=Source.INVITE_CODE, at=at, evidence=evidence
    )
    return _bind(brought, Policy.current(), at=at, poach=False)


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
    """Insert a binding, and let the database judge it; the member's row is locked.

    :param until: the start of a later binding that was told first: this one has ended there, or
        where it ran out before
    :raises IntegrityError: it is against the law; catch it outside a savepoint
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
    try:
        with transaction.atomic():
            binding.save(force_insert=True)
    except IntegrityError as error:
        # To the database what has run out without an end closes a circle too: a late order could
        # renew it. Once the end is written down, it is out of the way.
        if violated_constraint(error) != CIRCLE_CONSTRAINT or not end_expired_bindings_above(
            distributor, at=at
        ):
            raise
        binding.save(force_insert=True)
    record(DISTRIBUTION_BOUND, member, at=at, by=by, binding=binding.public_id, source=source)
    if binding.ended_at and binding.end_reason == Binding.EndReason.EXPIRED:
        record(DISTRIBUTION_EXPIRED, binding, at=binding.ended_at)
    elif binding.ended_at:
        record(
            DISTRIBUTION_UNBOUND, member, at=binding.ended_at, binding=binding.public_id,
            end_reason=binding.end_reason,
        )  # fmt: skip
    return binding


def _bind(brought: Referral, policy: Policy, *, at: datetime, poach: bool = True) -> ReferralResult:
    member = brought.member
    distributor = Distributor.objects.filter(member=brought.referrer_id).first()
    if distributor is None:
        return ReferralResult(None, "not_distributor")
    lock_members(member.pk)
    end_expired_bindings(member, at=at)
    try:
        with transaction.atomic():
            ahead = _current_or_next_binding(member, at=at)
            until = ahead.started_at if ahead and ahead.started_at > at else None
            if (
                ahead
                and not until
                and not (poach and _try_poach(ahead, distributor, policy, at=at))
            ):
                return ReferralResult(None, "has_upline")
            binding = create_binding(
                member=member,
                distributor=distributor,
                source=brought.source,
                evidence=Reference(brought.evidence_kind, brought.evidence_id),
                policy=policy,
                at=at,
                until=until,
            )
    except IntegrityError as error:
        return ReferralResult(None, _outcome_of(error))
    return ReferralResult(binding, "bound")


def _current_or_next_binding(member: Member, *, at: datetime) -> Binding | None:
    """The binding in force at a moment or, if there is none, the next one after it."""
    not_over = Binding.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at), member=member)
    return not_over.order_by("started_at", "pk").first()


def _try_poach(running: Binding, distributor: Distributor, policy: Policy, *, at: datetime) -> bool:
    """Whether an idle upline makes room; the binding has ended then."""
    if policy.poach_after_days is None or running.ended_at:
        return False
    if running.distributor_id == distributor.pk:  # nobody poaches from themselves
        return False
    purchase_totals = PurchaseTotals.objects.filter(member=running.member_id).first()
    ordered = purchase_totals.last_order_at if purchase_totals else None
    idle_since = max(running.started_at, ordered or running.started_at)
    if idle_since + timedelta(days=policy.poach_after_days) > at:
        return False
    end_binding(running, end_reason=Binding.EndReason.POACHED, at=at)
    record(
        DISTRIBUTION_UNBOUND, running.member, at=at, binding=running.public_id,
        end_reason=Binding.EndReason.POACHED,
    )  # fmt: skip
    return True


def _outcome_of(error: IntegrityError) -> str:
    told = {
        UPLINE_ACTIVE_CONSTRAINT: "not_active",
        CIRCLE_CONSTRAINT: "circle",
        "bindings_never_overlap": "has_upline",
        "binding_poached_when_idle": "has_upline",  # since the policy or an order was read
    }
    name = violated_constraint(error)
    if name not in told:
        raise error
    return told[name]
