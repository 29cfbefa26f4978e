"""How many notices of each kind were written, read and sent in the last days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from notices.models import Message, Notice

DAYS = 30
Status = Message.Status
OPEN = (Status.WAITING, Status.CLAIMED)
NOT_SENT = (Status.FAILED, Status.LAPSED, Status.REFUSED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Counts:
    """``sent``, ``waiting`` and ``not_sent`` are messages of WeChat; trials count as others."""

    written: int = 0
    read: int = 0
    sent: int = 0
    waiting: int = 0
    not_sent: int = 0

    @property
    def read_percent(self) -> int:
        return round(100 * self.read / self.written) if self.written else 0


def counts_by_kind(*, at: datetime) -> Mapping[str, Counts]:
    """Return the counts of the last 30 days, in one query over the index by age."""
    rows = (
        Notice.objects.filter(created_at__gte=at - timedelta(days=DAYS))
        .order_by()
        .values("kind")
        .annotate(
            written=Count("pk"),
            read=Count("read_at"),
            sent=Count("message", filter=Q(message__status=Status.SENT)),
            waiting=Count("message", filter=Q(message__status__in=OPEN)),
            not_sent=Count("message", filter=Q(message__status__in=NOT_SENT)),
        )
    )
    return {
        row["kind"]: Counts(
            written=row["written"], read=row["read"], sent=row["sent"], waiting=row["waiting"],
            not_sent=row["not_sent"],
        )
        for row in rows
    }  # fmt: skip


def reasons(kind: str, *, at: datetime) -> list[tuple[str, int]]:
    """Return why messages of a kind did not arrive in the last 30 days, the commonest first."""
    failed = Message.objects.filter(
        ~Q(failure=""), notice__kind=kind, notice__created_at__gte=at - timedelta(days=DAYS)
    )
    rows = failed.order_by().values("failure").annotate(count=Count("pk"))
    return [
        (str(Message.Failure(row["failure"]).label), row["count"])
        for row in rows.order_by(F("count").desc(), "failure")
    ]
