"""Follow events of other rooms; called by a worker, at least once.

Orders are counted again, awards are given whose hold has ended, and what a merged member has goes
to the survivor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from distribution.models import Distributor
from events.models import Event
from incentives.metrics.facts import SAME_PERSON_RULES
from incentives.models import Contribution
from incentives.services.awards import review_awards
from incentives.services.catching_up import catch_up, recount
from incentives.services.merging import move_incentives
from members.models import Member
from orders.models import Order
from risk.models import Hold

ORDER = Order._meta.label_lower


def count_orders(events: Sequence[Event]) -> None:
    """Count orders that changed or were completed."""
    orders = Order.objects.filter(public_id__in={event.subject_id for event in events})
    catch_up(orders=_keys(orders), at=_time_of(events))


def follow_risk_holds(events: Sequence[Event]) -> None:
    """Count orders again that the risk rules hold, or no longer hold, and review their awards.

    A hold for a shared payee or ID number may concern each order of the member.
    """
    rows = Hold.objects.filter(public_id__in={event.subject_id for event in events})
    holds = list(rows)
    named = {hold.subject_id for hold in holds if hold.subject_kind == ORDER}
    people = {hold.member_id for hold in holds if hold.rule in SAME_PERSON_RULES}
    orders = Order.objects.filter(
        Q(public_id__in=named)
        | Q(attribution__tier1__member__in=people)
        | Q(attribution__tier2__member__in=people)
    )
    at = _time_of(events)
    recount(orders=_keys(orders), at=at)
    touched = Contribution.objects.filter(order__public_id__in=named).order_by()
    people = {who for row in touched.values_list("member", "subject") for who in row if who}
    review_awards(members=people, at=at)


def follow_distributors(events: Sequence[Event]) -> None:
    """Give the awards of distributors who are no longer frozen."""
    rows = Distributor.objects.filter(public_id__in={event.subject_id for event in events})
    review_awards(members=list(rows.values_list("member", flat=True)), at=_time_of(events))


def follow_merges(events: Sequence[Event]) -> None:
    """Move what merged members have in incentives to the survivors."""
    rows = Member.objects.filter(public_id__in={event.subject_id for event in events})
    for merged in rows.filter(merged_into__isnull=False).select_related("merged_into"):
        move_incentives(merged=merged, at=_time_of(events))


def _keys(orders: QuerySet[Order]) -> list[int]:
    return list(orders.order_by("pk").values_list("pk", flat=True))


def _time_of(events: Sequence[Event]) -> datetime:
    return max(event.at for event in events)
