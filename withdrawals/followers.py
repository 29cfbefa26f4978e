"""Follow events of other rooms; called by a worker, at least once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.functions import Coalesce

from events.models import Event
from members.models import Member
from withdrawals.services import cancel_if_owing


def cancel_for_award_debt(events: Sequence[Event]) -> None:
    """Cancel withdrawals of members who owe money after an award was taken back.

    Until then the debt itself stops each step of a withdrawal.
    """
    members = {event.data["member"] for event in events}
    rows = Member.objects.filter(public_id__in=members)
    owners = rows.values_list(Coalesce("merged_into", "pk"), flat=True)
    cancel_if_owing(list(owners), at=max(event.at for event in events))
