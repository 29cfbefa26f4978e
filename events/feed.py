"""Read recorded events in the order of their keys, without missing one that commits late.

Keys are drawn before the commit, so a transaction may commit an event with a lower key than one
that readers have already seen. A reader therefore stops at a key below which nothing can appear any
more: every transaction that was writing events when that key was the highest has ended since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from common.writers import writing_transactions
from events.models import Event


class Tip(NamedTuple):
    """The highest visible key, and the transactions that may still commit lower ones."""

    key: int
    writers: list[str]


def tip() -> Tip:
    """Return the tip of the events.

    Writers are looked up after the key: one that ended in between is visible to the next statement.
    """
    key = Event.objects.aggregate(key=Coalesce(Max("pk"), 0))["key"]
    return Tip(key, writing_transactions("events_event"))


def events_between(after: int, until: int, *, names: Sequence[str], limit: int) -> list[Event]:
    """Return the first events of these names with ``after < key <= until``, by key.

    Each has ``sequence``: how many events its subject had when it was recorded.
    """
    earlier = Event.objects.filter(
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        pk__lte=OuterRef("pk"),
    )
    counted = earlier.order_by().values("subject_id").annotate(n=Count("pk")).values("n")
    rows = Event.objects.filter(pk__gt=after, pk__lte=until, name__in=names).order_by("pk")
    return list(rows.annotate(sequence=Subquery(counted))[:limit])
