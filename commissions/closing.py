"""What commissions mean for closing an account."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from commissions.models import Commission
from members.closing import CloseBlocker
from members.models import Member


def close_blockers(member: Member) -> Iterator[CloseBlocker]:
    """Commissions that are still to be credited would reach a wallet that nobody can empty."""
    rows = Commission.objects.visible_to(member)
    if rows.exclude(status=Commission.Status.CREDITED).filter(current__gt=0).exists():
        yield CloseBlocker(
            "commissions_open",
            _("There are commissions that are not credited yet: wait until they are."),
        )
