"""Say in numbers which shares a change of the sharing policy touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.settings_index import Change
from sharing.models import Share


def count_shares(count: int) -> str:
    return ngettext("%(count)s share", "%(count)s shares", count) % {"count": f"{count:,}"}


@register("sharing.sharingpolicy.share_days", order=10)
def shares_with_and_without_end(_change: Change, at: datetime) -> Iterator[Effect]:
    found = Share.objects.filter(disabled_at=None).aggregate(
        endless=Count("pk", Q(expires_at=None)), ending=Count("pk", Q(expires_at__gt=at))
    )
    text = _("without an end keep none until their member asks for them again.")
    yield Effect(count_shares(found["endless"]), text)
    text = _("with an end keep it until their member asks for them again.")
    yield Effect(count_shares(found["ending"]), text)
