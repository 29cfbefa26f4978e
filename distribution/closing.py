"""What distributing means for closing an account."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from distribution.models import Distributor
from members.closing import CloseBlocker
from members.models import Member


def close_blockers(member: Member) -> Iterator[CloseBlocker]:
    """A distributor exits first: commissions of others depend on it."""
    rows = Distributor.objects.filter(member__in=Member.objects.of_person(member.pk))
    if rows.exclude(status=Distributor.Status.EXITED).exists():
        yield CloseBlocker(
            "still_distributor", _("You are a distributor: ask the shop to end this first.")
        )
