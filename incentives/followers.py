"""Follow events of other rooms; called by a worker, at least once.

Orders are counted again, awards are given whose hold has ended, and what a merged member has goes
to the survivor. Each follower settles awards once: a transaction that goes on to other people after
it has locked a budget could wait for somebody who waits for the budget.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from distribution.models import Distributor
from events.models import Event
from incentives.metrics.facts import SAME_PERSON_RULES
from incentives.models import Contribution, Reward
from incentives.services.awards import review_awards
from incentives.services.catching_up import catch_up
from incentives.services.merging import move_incentives
from incentives.services.revoked_coupons import book_revoked, settle_again
from members.models import Member
from orders.models import Order
from promotions.models import CouponGrant, RevokeReason
from risk.models import Assessment, Hold

ORDER = Order._meta.label_lower


def count_orders(events: Sequence[Event]) -> None:
    """Count orders that changed or were completed."""
    orders = Order.objects.filter(public_id__in={event.subject_id for event in events})
    catch_up(orders=_keys(orders), at=_time_of(events))


def follow_risk_holds(events: Sequence[Event]) -> None:
    """Count orders again that the risk rules hold or release, and those of who shares something.

    A hold for a shared payee or ID number names several members. What one of them bought no longer
    counts for the others, or counts again.
    """
    holds = list(_holds(events))
    orders = Order.objects.filter(
        Q(public_id__in=_named_orders(holds)) | Q(buyer__in=_accounts(_sharing(holds)))
    )
    catch_up(orders=_keys(orders), at=_time_of(events))


def give_released(events: Sequence[Event]) -> None:
    """Give the awards that waited for orders which the risk rules no longer hold.

    Counting these orders again does not reach the awards of closed periods.
    """
    orders = _named_orders(_holds(events))
    touched = Contribution.objects.filter(order__public_id__in=orders).order_by()
    people = {who for row in touched.values_list("member", "subject") for who in row if who}
    review_awards(members=people, at=_time_of(events))


def follow_distributors(events: Sequence[Event]) -> None:
    """Give the awards of distributors who are no longer frozen."""
    rows = Distributor.objects.filter(public_id__in={event.subject_id for event in events})
    people = set(rows.values_list("member", flat=True))
    review_awards(members=_keys(_accounts(people)), at=_time_of(events))


def follow_closed_accounts(events: Sequence[Event]) -> None:
    """Refuse what is held for members who have closed their account: it can never be given."""
    rows = Member.objects.filter(public_id__in={event.subject_id for event in events})
    people = set(rows.values_list("pk", flat=True))
    review_awards(members=_keys(_accounts(people)), at=_time_of(events))


def book_revoked_coupons(events: Sequence[Event]) -> None:
    """Book the awards whose used coupons were returned by their orders, and revoked then."""
    grants = CouponGrant.objects.filter(
        public_id__in={event.subject_id for event in events},
        revoke_reason=RevokeReason.AWARD_TAKEN_BACK,
    )
    book_revoked(keys=set(grants.values_list("key", flat=True)), at=_time_of(events))


def give_instead_of_coupons(events: Sequence[Event]) -> None:
    """Give what was not given as long as a member kept a coupon that is taken back now."""
    lost = {event.subject_id for event in events if event.data["kind"] == Reward.Kind.COUPON}
    if lost:
        settle_again(awards=lost, at=_time_of(events))


def follow_merges(events: Sequence[Event]) -> None:
    """Move what merged members have in incentives to the survivors."""
    rows = Member.objects.filter(public_id__in={event.subject_id for event in events})
    for merged in rows.filter(merged_into__isnull=False).select_related("merged_into"):
        move_incentives(merged=merged, at=_time_of(events))


def _holds(events: Sequence[Event]) -> QuerySet[Hold]:
    return Hold.objects.filter(public_id__in={event.subject_id for event in events})


def _named_orders(holds: Iterable[Hold]) -> set[str]:
    return {hold.subject_id for hold in holds if hold.subject_kind == ORDER}


def _sharing(holds: Iterable[Hold]) -> set[int]:
    """Return the persons whom holds name for sharing a payee or an ID number."""
    found = [hold for hold in holds if hold.rule in SAME_PERSON_RULES]
    named = Assessment.objects.filter(hold__in=found).values_list("evidence__members", flat=True)
    members = Member.objects.filter(
        Q(pk__in={hold.member_id for hold in found})
        | Q(public_id__in={public_id for row in named for public_id in row or ()})
    )
    return set(members.values_list(Coalesce("merged_into", "pk"), flat=True))


def _accounts(persons: Collection[int]) -> QuerySet[Member]:
    """Return the members who are these persons: the accounts merged into them, too."""
    return Member.objects.filter(Q(pk__in=persons) | Q(merged_into__in=persons))


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _time_of(events: Sequence[Event]) -> datetime:
    return max(event.at for event in events)
