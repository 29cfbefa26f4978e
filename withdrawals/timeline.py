"""The events of a withdrawal, for its page."""

from __future__ import annotations

from django.db.models import QuerySet

from events.models import Event, Reference
from withdrawals.models import Withdrawal


def timeline_events(withdrawal: Withdrawal) -> QuerySet[Event]:
    """Return the events of a withdrawal, newest first."""
    kind, public_id = Reference.to(withdrawal)
    return Event.objects.filter(subject_kind=kind, subject_id=public_id).order_by("-pk")
