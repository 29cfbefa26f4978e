"""Follow completed orders: who sold them may rise at once."""

from __future__ import annotations

from collections.abc import Sequence

from common import clock
from distribution.models import Distributor
from events.models import Event
from incentives.ladder.figures import load_ladder
from incentives.services.level_reviews import review_distributors
from members.persons import survivor_keys
from orders.models import Attribution


def review_sellers(events: Sequence[Event]) -> None:
    """Review the distributors whose own orders were completed; a repeated call changes nothing."""
    if not load_ladder():
        return
    sold = Attribution.objects.filter(
        order__public_id__in=[event.subject_id for event in events],
        tier1_reason=Attribution.Reason.UPLINE,
    )
    members = survivor_keys(set(sold.values_list("tier1__member", flat=True)))
    sellers = Distributor.objects.filter(member__in=members.values())
    review_distributors(list(sellers.values_list("pk", flat=True)), at=clock.now())
