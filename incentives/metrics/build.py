"""Build what an order counts, given when its period closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incentives.metrics.facts import Left, OrderFacts
from incentives.metrics.values import Counted
from incentives.models import Version
from incentives.models.incentive import Metric
from incentives.periods import Span, closes_as_a_whole, closes_at, span_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order with goods left that a version counts."""

    version: Version
    order: OrderFacts
    span: Span
    left: Left

    @property
    def is_completed(self) -> bool:
        return self.order.completed_at is not None

    @property
    def value(self) -> int:
        match self.version.metric:
            case Metric.OWN_UNITS:
                return self.left.units
            case Metric.OWN_SALES | Metric.TEAM_POOL | Metric.TEAM_SALES | Metric.OWN_SPEND:
                return self.left.paid
            case _:
                return 1

    def counts_for(self, member: int, subject: int | None = None) -> Counted:
        order = self.order
        return Counted(
            order=order.pk, proof=None, member=member, subject=subject, value=self.value,
            paid=self.left.paid, counted=self.is_completed, happened_at=order.paid_at,
            counted_at=order.release_at if self.is_completed else None,
            period_start=self.span.start,
        )  # fmt: skip


def candidate(version: Version, order: OrderFacts) -> Candidate | None:
    """Return what is left of an order; nothing if it completes after the close of its period."""
    span = span_of(version, order.paid_at)
    closes = closes_at(version, span)
    completes = order.completion or order.release_at
    if closes and completes and completes >= closes and closes_as_a_whole(version):
        return None
    left = order.left(version, refunds_until(version, order))
    return Candidate(version, order, span, left) if left.paid else None


def refunds_until(version: Version, order: OrderFacts) -> datetime | None:
    """Return the moment from which refunds of an order change nothing; None: all of them count."""
    if version.takes_back_after_close:
        return None
    return closes_at(version, span_of(version, order.paid_at))
