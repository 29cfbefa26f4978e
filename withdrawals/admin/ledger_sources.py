"""Show transfers of withdrawals with their withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from ledger.sources import SourceLink, register
from withdrawals.models import Withdrawal


def withdrawals(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = Withdrawal.objects.filter(public_id__in=keys).values_list("public_id", "pk")
    return {
        key: SourceLink(
            str(_("withdrawal %(number)s") % {"number": key}), "withdrawals.withdrawal", pk
        )
        for key, pk in rows
    }


register("withdrawals.withdrawal", withdrawals)
